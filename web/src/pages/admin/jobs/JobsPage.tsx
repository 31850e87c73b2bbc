import { Button, NativeSelect } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

type Job = Schemas['Job'];
const stateText = { ready: 'waiting', running: 'running', dead: 'failed' };

export function Component() {
  usePageTitle('Jobs', 'Administration');
  const [state, setState] = useState<Job['state'] | ''>('');
  const queries = useQueryClient();
  const jobs = useQuery({
    queryKey: ['jobs', state],
    queryFn: () =>
      call(
        api.GET('/api/berth/v1/admin/jobs', { params: { query: { limit: 200, state: state || undefined } } }),
      ),
    refetchInterval: 5_000,
  });
  const settled = (message: string) => ({
    onSuccess: () => {
      notifyDone(message);
      return queries.invalidateQueries({ queryKey: ['jobs'] });
    },
    onError: notifyError,
  });
  const retry = useMutation({
    mutationFn: (job_id: string) =>
      call(api.POST('/api/berth/v1/admin/jobs/{job_id}/retry', { params: { path: { job_id } } })),
    ...settled('The job runs again'),
  });
  const discard = useMutation({
    mutationFn: (job_id: string) =>
      call(api.DELETE('/api/berth/v1/admin/jobs/{job_id}', { params: { path: { job_id } } })),
    ...settled('Job discarded'),
  });
  const columns: Column<Job>[] = [
    { key: 'kind', title: 'Job', render: (row) => row.kind },
    { key: 'key', title: 'On', wide: true, render: (row) => <code>{row.key}</code> },
    {
      key: 'state',
      title: 'State',
      render: (row) => (
        <span className={row.state === 'dead' ? classes.bad : undefined}>{stateText[row.state]}</span>
      ),
    },
    { key: 'attempts', title: 'Attempts', numeric: true, wide: true, render: (row) => row.attempts },
    { key: 'due', title: 'Due', render: (row) => <Ago time={row.run_after} /> },
    { key: 'error', title: 'Last error', wide: true, render: (row) => row.last_error },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) =>
        row.state !== 'running' && (
          <span className="nowrap">
            <Button size="compact-xs" variant="default" onClick={() => retry.mutate(row.id)}>
              Run now
            </Button>{' '}
            {row.state === 'dead' && (
              <Button size="compact-xs" variant="default" onClick={() => discard.mutate(row.id)}>
                Discard
              </Button>
            )}
          </span>
        ),
    },
  ];
  return (
    <Page
      title="Jobs"
      description="Work in the background. What fails is tried again, later each time, before it counts as failed."
      actions={
        <NativeSelect
          aria-label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value as Job['state'] | '')}
          data={[
            { value: '', label: 'Every state' },
            ...Object.entries(stateText).map(([value, label]) => ({
              value,
              label: `${label} (${jobs.data?.counts[value] ?? 0})`,
            })),
          ]}
        />
      }
    >
      <Query query={jobs}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon={<IconListCheck size={30} />} title="Nothing to do">
              No job waits, runs or has failed.
            </Empty>
          ) : (
            <DataTable label="Jobs" columns={columns} rows={data.items} rowKey={(row) => row.id} />
          )
        }
      </Query>
    </Page>
  );
}
