import type { Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';

type Entry = Schemas['AuditLogEntry'];

const facts = (data: Record<string, string>) =>
  Object.entries(data)
    .map(([name, value]) => `${name}: ${value}`)
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
    { key: 'name', title: 'On', render: (row) => row.name },
    { key: 'data', title: 'Details', wide: true, render: (row) => facts(row.data) },
  ];
  return (
    <DataTable
      label="Audit log"
      columns={columns}
      rows={entries}
      rowKey={(row) => `${row.timestamp} ${row.actor} ${row.action} ${row.name} ${facts(row.data)}`}
    />
  );
}
