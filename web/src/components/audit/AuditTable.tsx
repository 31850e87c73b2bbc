import type { Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';
import { shortDigest } from '@/lib/format';
import classes from './AuditTable.module.css';

type Entry = Schemas['AuditLogEntry'];

// Digests are shortened: whole ones would push everything else aside.
const shown = (value: unknown) =>
  String(value).replace(/\bsha(256|512):[0-9a-f]{64,128}/g, (digest) => shortDigest(digest));

const facts = (data: Record<string, unknown>) =>
  Object.entries(data)
    .map(([name, value]) => `${name}: ${shown(value)}`)
    .join(', ');

export function AuditTable({ entries, withAccount = false }: { entries: Entry[]; withAccount?: boolean }) {
  const columns: Column<Entry>[] = [
    { key: 'time', title: 'When', render: (row) => <Ago time={row.timestamp} /> },
    { key: 'actor', title: 'Who', render: (row) => row.actor },
    ...(withAccount ? [{ key: 'account', title: 'Account', render: (row: Entry) => row.account }] : []),
    {
      key: 'action',
      title: 'What',
      render: (row) => (
        <>
          {row.action_description || row.action}
          <br />
          <code>{row.action}</code>
        </>
      ),
    },
    { key: 'name', title: 'On', render: (row) => <span className={classes.name}>{row.name}</span> },
    {
      key: 'data',
      title: 'Details',
      wide: true,
      render: (row) => <span className={classes.facts}>{facts(row.data)}</span>,
    },
  ];
  return (
    <DataTable
      label="Audit log"
      columns={columns}
      rows={entries}
      rowKey={(row) => `${row.timestamp} ${row.actor} ${row.action} ${row.name} ${JSON.stringify(row.data)}`}
    />
  );
}
