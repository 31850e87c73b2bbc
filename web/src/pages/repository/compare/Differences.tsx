import { Button } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { DataTable, type Column } from '@/components/DataTable';
import { Digest } from '@/components/Digest';
import { Section } from '@/components/Page';
import { formatBytes, plural } from '@/lib/format';
import { platformText } from '@/lib/names';
import classes from './Compare.module.css';

function Side({ title, image }: { title: string; image: Schemas['ComparedImage'] }) {
  return (
    <div className={classes.side}>
      <h2>{title}</h2>
      <p className={classes.reference}>
        <code>{image.reference}</code>
      </p>
      <p>
        {formatBytes(image.size)}, {platformText(image.platform)}
      </p>
      <Digest value={image.digest} />
    </div>
  );
}

export function Summary({ comparison }: { comparison: Schemas['Comparison'] }) {
  const { size_change: change, layers } = comparison;
  return (
    <div className={classes.summary}>
      <Side title="From" image={comparison.base} />
      <Side title="To" image={comparison.target} />
      <div className={classes.side}>
        <h2>Difference</h2>
        <p className={classes.reference} data-change={change > 0 ? 'larger' : 'smaller'}>
          {change > 0 ? '+' : ''}
          {formatBytes(change)}
        </p>
        <p>
          {plural(layers.shared, 'layer')} shared ({formatBytes(layers.shared_bytes)}), {layers.target_only}{' '}
          new to download ({formatBytes(layers.target_only_bytes)})
        </p>
      </div>
    </div>
  );
}

interface PackageRow {
  change: 'added' | 'removed' | 'changed';
  ecosystem: string;
  name: string;
  from: string;
  to: string;
}

function Change({ kind }: { kind: string }) {
  return (
    <span className={classes.change} data-kind={kind}>
      {kind}
    </span>
  );
}

const packageColumns: Column<PackageRow>[] = [
  { key: 'change', title: 'Change', render: (row) => <Change kind={row.change} /> },
  { key: 'name', title: 'Package', render: (row) => <code>{row.name}</code> },
  { key: 'from', title: 'From', render: (row) => <code>{row.from}</code> },
  { key: 'to', title: 'To', render: (row) => <code>{row.to}</code> },
  { key: 'ecosystem', title: 'Kind', wide: true, render: (row) => row.ecosystem },
];

export function PackageChanges({ packages }: { packages: Schemas['PackageComparison'] }) {
  const rows: PackageRow[] = [
    ...packages.changed.map((each) => ({
      ...each,
      change: 'changed' as const,
      from: each.base_version,
      to: each.target_version,
    })),
    ...packages.added.map((each) => ({ ...each, change: 'added' as const, from: '', to: each.version })),
    ...packages.removed.map((each) => ({ ...each, change: 'removed' as const, from: each.version, to: '' })),
  ];
  return (
    <Section
      title="Packages"
      description={`${packages.changed.length} changed, ${packages.added.length} added, ${packages.removed.length} removed${packages.truncated ? ' (only the first are shown)' : ''}`}
    >
      {rows.length > 0 && (
        <DataTable
          label="Packages"
          columns={packageColumns}
          rows={rows}
          rowKey={(row) => `${row.change} ${row.ecosystem} ${row.name} ${row.from}`}
        />
      )}
    </Section>
  );
}

const configurationColumns: Column<Schemas['ConfigurationChange']>[] = [
  { key: 'field', title: 'Setting', render: (row) => <code>{row.field}</code> },
  {
    key: 'base',
    title: 'From',
    render: (row) => (row.base === null ? '' : <code className={classes.value}>{row.base}</code>),
  },
  {
    key: 'target',
    title: 'To',
    render: (row) => (row.target === null ? '' : <code className={classes.value}>{row.target}</code>),
  },
];

export function ConfigurationChanges({ changes }: { changes: Schemas['ConfigurationChange'][] }) {
  return (
    <Section
      title="Configuration"
      description={changes.length === 0 ? 'The same.' : plural(changes.length, 'difference')}
    >
      {changes.length > 0 && (
        <DataTable
          label="Configuration"
          columns={configurationColumns}
          rows={changes}
          rowKey={(row) => row.field}
        />
      )}
    </Section>
  );
}

const fileColumns: Column<Schemas['FileChange']>[] = [
  { key: 'change', title: 'Change', render: (row) => <Change kind={row.change} /> },
  { key: 'path', title: 'File', render: (row) => <code className={classes.value}>{row.path}</code> },
  {
    key: 'from',
    title: 'From',
    numeric: true,
    wide: true,
    render: (row) => (row.change === 'added' ? '' : formatBytes(row.base_size)),
  },
  {
    key: 'to',
    title: 'To',
    numeric: true,
    wide: true,
    render: (row) => (row.change === 'removed' ? '' : formatBytes(row.target_size)),
  },
];

interface FileProps {
  files: Schemas['FileComparison'];
  items: Schemas['FileChange'][];
  more?: () => void;
  busy: boolean;
}

export function FileChanges({ files, items, more, busy }: FileProps) {
  return (
    <Section
      title="Files"
      description={`${files.changed} changed, ${files.added} added, ${files.removed} removed`}
    >
      {items.length > 0 && (
        <DataTable label="Files" columns={fileColumns} rows={items} rowKey={(row) => row.path} />
      )}
      {more && (
        <Button variant="default" size="sm" loading={busy} onClick={more}>
          Show more
        </Button>
      )}
    </Section>
  );
}
