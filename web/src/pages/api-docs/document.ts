// The parts of OpenAPI 3.0 that the contracts use.

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  enum?: unknown[];
  nullable?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  additionalProperties?: Schema | boolean;
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
  description?: string;
  $ref?: string;
}

export interface Operation {
  method: string;
  path: string;
  id: string;
  tag: string;
  summary: string;
  description: string;
  permission: string;
  alias: string;
  parameters: Parameter[];
  request?: Schema;
  responses: { status: string; description: string; schema?: Schema }[];
}

interface RawOperation {
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: Content;
  responses?: Record<string, Content>;
  'x-permission'?: string;
  'x-alias-of'?: string;
}

export interface RawDocument {
  info: { title: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, unknown>>;
  components?: Record<string, Record<string, unknown>>;
}

const modules = {
  hub: () => import('virtual:openapi/hub'),
  registry: () => import('virtual:openapi/registry'),
};
export type DocumentName = keyof typeof modules;

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];

export class ApiDocument {
  private constructor(private readonly raw: RawDocument) {}

  static async load(name: DocumentName): Promise<ApiDocument> {
    return new ApiDocument((await modules[name]()).default);
  }

  get title() {
    return this.raw.info.title;
  }

  get description() {
    return this.raw.info.description ?? '';
  }

  get tags() {
    return this.raw.tags ?? [];
  }

  resolve<T extends object>(value: T): T {
    const ref = (value as { $ref?: string }).$ref;
    if (!ref) return value;
    const found = ref
      .slice(2)
      .split('/')
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], this.raw);
    return (found as T | undefined) ?? value;
  }

  operations(): Operation[] {
    return Object.entries(this.raw.paths).flatMap(([path, item]) =>
      methods
        .filter((method) => item[method])
        .map((method) =>
          this.operation(path, method, item[method] as RawOperation, (item.parameters ?? []) as Parameter[]),
        ),
    );
  }

  private operation(path: string, method: string, raw: RawOperation, shared: Parameter[]): Operation {
    return {
      path,
      method: method.toUpperCase(),
      id: raw.operationId,
      tag: raw.tags?.[0] ?? '',
      summary: raw.summary ?? raw.operationId,
      description: raw.description ?? '',
      permission: raw['x-permission'] ?? '',
      alias: raw['x-alias-of'] ?? '',
      parameters: [...shared, ...(raw.parameters ?? [])].map((parameter) => this.resolve(parameter)),
      request: raw.requestBody && schemaOf(this.resolve(raw.requestBody)),
      responses: Object.entries(raw.responses ?? {}).map(([status, answer]) => {
        const resolved = this.resolve(answer);
        return { status, description: resolved.description ?? '', schema: schemaOf(resolved) };
      }),
    };
  }
}

function schemaOf(content: Content): Schema | undefined {
  return Object.values(content.content ?? {})[0]?.schema;
}

export function refName(schema: Schema): string | undefined {
  return schema.$ref?.split('/').pop();
}
