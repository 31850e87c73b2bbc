import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query';
import { lazy, Suspense, type ReactNode } from 'react';
import type { Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';
import { Figures } from '@/components/Facts';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { formatBytes, formatNumber } from '@/lib/format';
import classes from './StorageView.module.css';

const StorageChart = lazy(() => import('@/components/charts/StorageChart'));

type Row = Schemas['StorageRow'];

interface Props {
  query: UseInfiniteQueryResult<InfiniteData<Schemas['StorageSummary']>>;
  csv: string;
  // What a row is: "Tag", "Repository", "Namespace".
  rowTitle: string;
  renderName: (name: string) => ReactNode;
  empty: ReactNode;
}

// Storage by namespace, repository or tag: numbers, a chart, a table and the same as CSV.
export function StorageView({ query, csv, rowTitle, renderName, empty }: Props) {
  if (query.isPending) return <LoadingRows rows={6} />;
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const first = query.data.pages[0]!;
  const rows = query.data.pages.flatMap((page) => page.items);
  const columns: Column<Row>[] = [
    { key: 'name', title: rowTitle, render: (row) => renderName(row.name) },
    { key: 'own', title: 'Own', numeric: true, render: (row) => formatBytes(row.storage.own) },
    { key: 'shared', title: 'Shared', numeric: true, render: (row) => formatBytes(row.storage.shared) },
    {
      key: 'total',
      title: 'Total',
      numeric: true,
      wide: true,
      render: (row) => formatBytes(row.storage.total),
    },
    ...(rows.some((row) => row.repositories !== undefined)
      ? [
          {
            key: 'repositories',
            title: 'Repositories',
            numeric: true,
            wide: true,
            render: (row: Row) => formatNumber(row.repositories ?? 0),
          },
        ]
      : []),
    ...(rows.some((row) => row.tags !== undefined)
      ? [
          {
            key: 'tags',
            title: 'Tags',
            numeric: true,
            wide: true,
            render: (row: Row) => formatNumber(row.tags ?? 0),
          },
        ]
      : []),
    { key: 'pushed', title: 'Last push', wide: true, render: (row) => <Ago time={row.last_pushed} /> },
  ];
  if (rows.length === 0) return <>{empty}</>;
  return (
    <div className={classes.view}>
      <div className={classes.head}>
        <div className={classes.figures}>
          <Figures
            figures={[
              ['Total', formatBytes(first.total.total)],
              ['Own', formatBytes(first.total.own)],
              ['Shared with others', formatBytes(first.total.shared)],
            ]}
          />
        </div>
        <Button
          component="a"
          href={csv}
          download
          variant="default"
          size="sm"
          leftSection={<IconDownload size={16} />}
        >
          Download CSV
        </Button>
      </div>
      <p className={classes.note}>
        Own bytes would be freed if the row alone went; shared bytes are also used by something else. Counted{' '}
        <Ago time={first.computed_at} />.
      </p>
      <Suspense fallback={<LoadingRows rows={1} height={260} />}>
        <StorageChart rows={rows} />
      </Suspense>
      <DataTable label="Storage" columns={columns} rows={rows} rowKey={(row) => row.name} />
      {query.hasNextPage && (
        <Button
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </div>
  );
}

export function NoStorage() {
  return (
    <Empty title="Nothing is stored here yet">
      Storage is counted every few minutes: what has just been pushed appears with the next count.
    </Empty>
  );
}
