import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { Figures, type Fact } from '@/components/Facts';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { formatBytes, formatDuration, formatNumber, plural } from '@/lib/format';
import { usePageTitle } from '@/lib/usePageTitle';

function figuresOf(status: Schemas['GarbageStatus']): Fact[] {
  return [
    ['State', status.running ? 'collecting now' : 'resting'],
    ['Waiting', `${plural(status.waiting_items, 'item')}, ${formatBytes(status.waiting_bytes)}`],
    ['Due now', formatNumber(status.due_items)],
    ['Grace time', formatDuration(status.grace_seconds)],
    ['Last run', <Ago key="run" time={status.last_finished_at} />],
    ['Freed by it', `${plural(status.last_freed_items, 'item')}, ${formatBytes(status.last_freed_bytes)}`],
    ['Freed since start', formatBytes(status.total_freed_bytes)],
  ];
}

export function Component() {
  usePageTitle('Garbage', 'Administration');
  const queries = useQueryClient();
  const status = useQuery({
    queryKey: ['garbage'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/garbage')),
    refetchInterval: 3_000,
  });
  const run = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/admin/garbage/run')),
    onSuccess: (data) => {
      queries.setQueryData(['garbage'], data);
      notifyDone('The collector has started');
    },
    onError: notifyError,
  });
  return (
    <Page
      title="Garbage"
      description="What nothing refers to any more is removed after the grace time, while pushes and pulls go on."
      actions={
        <Button loading={run.isPending} disabled={status.data?.running} onClick={() => run.mutate()}>
          Collect now
        </Button>
      }
    >
      <Query query={status}>{(data) => <Figures figures={figuresOf(data)} />}</Query>
    </Page>
  );
}
