import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

type Row = Schemas['SessionInfo'];
const sources = { web: 'Web site', login: 'API', device: 'Device login', docker: 'docker' };

export function Component() {
  usePageTitle('Sessions');
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => call(api.GET('/api/berth/v1/user/sessions', { params: { query: { limit: 100 } } })),
  });
  const settled = {
    onSuccess: () => {
      notifyDone('Signed out');
      return queries.invalidateQueries({ queryKey: ['sessions'] });
    },
    onError: notifyError,
  };
  const revoke = useMutation({
    mutationFn: (session_id: string) =>
      call(api.DELETE('/api/berth/v1/user/sessions/{session_id}', { params: { path: { session_id } } })),
    ...settled,
  });
  const revokeOthers = useMutation({
    mutationFn: () => call(api.DELETE('/api/berth/v1/user/sessions')),
    ...settled,
  });
  const columns: Column<Row>[] = [
    {
      key: 'source',
      title: 'Signed in by',
      render: (row) => (
        <>
          {sources[row.source]} {row.current && <strong className={classes.good}>this one</strong>}
        </>
      ),
    },
    { key: 'agent', title: 'Program', wide: true, render: (row) => row.user_agent },
    { key: 'ip', title: 'Address', wide: true, render: (row) => <code>{row.ip}</code> },
    { key: 'seen', title: 'Last seen', render: (row) => <Ago time={row.last_seen_at} /> },
    { key: 'expires', title: 'Ends', wide: true, render: (row) => <Ago time={row.expires_at} /> },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) =>
        !row.current && (
          <Button size="compact-xs" variant="default" onClick={() => revoke.mutate(row.id)}>
            Sign out
          </Button>
        ),
    },
  ];
  return (
    <Page
      title="Sessions"
      description="Where you are signed in. Sign out what you do not know, then change the password."
      actions={
        <Button variant="default" loading={revokeOthers.isPending} onClick={() => revokeOthers.mutate()}>
          Sign out all others
        </Button>
      }
    >
      <Query query={sessions}>
        {(data) => (
          <DataTable label="Sessions" columns={columns} rows={data.items} rowKey={(row) => row.id} />
        )}
      </Query>
    </Page>
  );
}
