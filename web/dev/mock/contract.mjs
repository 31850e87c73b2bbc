// Finds an operation of the contract for a request, and makes an answer from its schema.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];

export class Contract {
  constructor(file) {
    this.document = parse(readFileSync(file, 'utf8'));
    this.operations = Object.entries(this.document.paths).flatMap(([path, item]) =>
      methods.filter((method) => item[method]).map((method) => this.operation(path, method, item[method])),
    );
    // Literal segments win over parameters.
    this.operations.sort((a, b) => a.parameters.length - b.parameters.length);
  }

  operation(path, method, raw) {
    const parameters = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    const pattern = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '([^/]+)')}/?$`);
    const [status, answer] = Object.entries(raw.responses).find(([code]) => code.startsWith('2')) ?? [
      '200',
      {},
    ];
    const schema = Object.values(answer.content ?? {})[0]?.schema;
    return {
      id: raw['x-alias-of'] ?? raw.operationId,
      method: method.toUpperCase(),
      pattern,
      parameters,
      status: Number(status),
      schema,
    };
  }

  find(method, path) {
    for (const operation of this.operations) {
      const found = operation.method === method && operation.pattern.exec(path);
      if (!found) continue;
      const params = Object.fromEntries(
        operation.parameters.map((name, at) => [name, decodeURIComponent(found[at + 1])]),
      );
      const example = () => (operation.schema ? this.example(operation.schema, '', 0) : '');
      return { id: operation.id, status: operation.status, params, example };
    }
    return undefined;
  }

  resolve(schema) {
    if (!schema.$ref) return schema;
    return schema.$ref
      .slice(2)
      .split('/')
      .reduce((node, key) => node[key], this.document);
  }

  example(reference, name, depth) {
    const schema = this.resolve(reference);
    if (schema.allOf?.length === 1) return this.example(schema.allOf[0], name, depth);
    if (schema.allOf)
      return Object.assign({}, ...schema.allOf.map((part) => this.example(part, name, depth)));
    if (schema.oneOf ?? schema.anyOf) return this.example((schema.oneOf ?? schema.anyOf)[0], name, depth);
    if (schema.enum) return schema.enum[0];
    if (schema.type === 'array')
      return depth > 4 ? [] : [0, 1, 2].map((at) => this.example(schema.items, `${name}${at}`, depth + 1));
    if (schema.properties) {
      return Object.fromEntries(
        Object.entries(schema.properties).map(([key, value]) => [
          key,
          /^(next|previous)$/.test(key) ? null : this.example(value, key, depth + 1),
        ]),
      );
    }
    if (schema.type === 'boolean') return false;
    if (schema.type === 'integer' || schema.type === 'number') return 7;
    if (schema.format === 'date-time') return '2026-11-20T10:15:30.000000Z';
    if (schema.type === 'object') return {};
    return name || 'text';
  }
}
