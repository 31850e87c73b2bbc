import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';
import { Figures, type Fact } from '@/components/Facts';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { LoadingRows } from '@/components/States';
import { formatBytes, formatDuration, formatNumber } from '@/lib/format';
import { usePageTitle } from '@/lib/usePageTitle';
import { useMetricsHistory } from './useMetricsHistory';
import classes from './Dashboard.module.css';

const LiveCharts = lazy(() => import('./LiveCharts'));

type Check = Schemas['HealthCheck'];
const words = { ok: 'ok', degraded: 'degraded', failing: 'failing' };

const columns: Column<Check>[] = [
  { key: 'name', title: 'Check', render: (row) => row.name },
  {
    key: 'status',
    title: 'State',
    render: (row) => (
      <span className={classes.status} data-status={row.status}>
        {words[row.status]}
      </span>
    ),
  },
  { key: 'detail', title: 'Detail', render: (row) => row.detail },
  { key: 'since', title: 'Since', wide: true, render: (row) => <Ago time={row.since} /> },
];

function figuresOf(info: Schemas['ServerInfo']): Fact[] {
  return [
    ['Version', info.version],
    ['Up for', formatDuration(info.uptime_seconds)],
    ['Database', info.database],
    ['Blobs', info.blob_store],
    ['Stored', formatBytes(info.data_bytes)],
    ['Free', info.free_bytes === null ? 'unknown' : formatBytes(info.free_bytes)],
    ['Users', formatNumber(info.users)],
    ['Organizations', formatNumber(info.organizations)],
    ['Repositories', formatNumber(info.repositories)],
    ['Tags', formatNumber(info.tags)],
  ];
}

export function Component() {
  usePageTitle('Health', 'Administration');
  const info = useQuery({
    queryKey: ['server-info'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/info')),
    refetchInterval: 30_000,
  });
  const health = useQuery({
    queryKey: ['server-health'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/health')),
    refetchInterval: 10_000,
  });
  const metrics = useMetricsHistory();
  return (
    <Page title="Health">
      <Query query={info}>{(data) => <Figures figures={figuresOf(data)} />}</Query>
      <Section title="Checks">
        <Query query={health}>
          {(data) => (
            <DataTable label="Checks" columns={columns} rows={data.checks} rowKey={(row) => row.name} />
          )}
        </Query>
      </Section>
      <Section title="Live" description="Every few seconds, since this page was opened.">
        <Query query={metrics.query}>
          {(latest) => (
            <Suspense fallback={<LoadingRows rows={2} height={180} />}>
              <LiveCharts history={metrics.history} latest={latest} />
            </Suspense>
          )}
        </Query>
      </Section>
    </Page>
  );
}
