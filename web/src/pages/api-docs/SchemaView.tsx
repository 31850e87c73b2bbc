import { useState } from 'react';
import { refName, type ApiDocument, type Schema } from './document';
import classes from './ApiDocs.module.css';

interface Member {
  name: string;
  schema: Schema;
  required: boolean;
}

function membersOf(document: ApiDocument, schema: Schema): Member[] {
  const own = document.resolve(schema);
  const inherited = (own.allOf ?? []).flatMap((part) => membersOf(document, part));
  const declared = Object.entries(own.properties ?? {}).map(([name, value]) => ({
    name,
    schema: value,
    required: own.required?.includes(name) ?? false,
  }));
  return [...inherited, ...declared];
}

export function typeText(document: ApiDocument, schema: Schema): string {
  const name = refName(schema);
  if (name) return name;
  if (schema.allOf?.length === 1) return typeText(document, schema.allOf[0]!);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map((choice) => typeText(document, choice)).join(' or ');
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.type === 'array') return `${schema.items ? typeText(document, schema.items) : 'any'}[]`;
  return [schema.type ?? 'object', schema.format && `(${schema.format})`, schema.nullable && 'or null']
    .filter(Boolean)
    .join(' ');
}

// The members of an object; those that are objects themselves open on demand, so recursion costs nothing.
export function SchemaView({ document, schema }: { document: ApiDocument; schema: Schema }) {
  const resolved = document.resolve(schema);
  const inner = resolved.type === 'array' && resolved.items ? resolved.items : resolved;
  const members = membersOf(document, inner);
  if (members.length === 0) return <p className={classes.dim}>{typeText(document, resolved)}</p>;
  return (
    <ul className={classes.members}>
      {members.map((member) => (
        <MemberView key={member.name} document={document} member={member} />
      ))}
    </ul>
  );
}

function MemberView({ document, member }: { document: ApiDocument; member: Member }) {
  const [opened, setOpened] = useState(false);
  const resolved = document.resolve(member.schema);
  const inner = resolved.type === 'array' && resolved.items ? resolved.items : member.schema;
  const nested = membersOf(document, inner).length > 0;
  return (
    <li>
      <code className={classes.member}>{member.name}</code>{' '}
      <span className={classes.dim}>
        {typeText(document, member.schema)}
        {member.required ? '' : ', optional'}
      </span>
      {nested && (
        <button
          type="button"
          className={classes.more}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {opened ? 'less' : 'more'}
        </button>
      )}
      {resolved.description && <div className={classes.note}>{resolved.description}</div>}
      {opened && <SchemaView document={document} schema={inner} />}
    </li>
  );
}
