import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { Ago } from '@/components/Ago';
import { DataTable } from '@/components/DataTable';
import { notifyDone, notifyError } from '@/components/notify';
import { Section } from '@/components/Page';

// Invitations that nobody has answered yet.
export function Invites({ org }: { org: string }) {
  const queries = useQueryClient();
  const invites = useQuery({
    queryKey: ['invites', org],
    queryFn: () => call(api.GET('/v2/orgs/{org_name}/invites', { params: { path: { org_name: org } } })),
  });
  const done = (message: string) => ({
    onSuccess: () => (notifyDone(message), queries.invalidateQueries({ queryKey: ['invites', org] })),
    onError: notifyError,
  });
  const cancel = useMutation({
    mutationFn: (id: string) => call(api.DELETE('/v2/invites/{id}', { params: { path: { id } } })),
    ...done('Invitation cancelled'),
  });
  const resend = useMutation({
    mutationFn: (id: string) => call(api.PATCH('/v2/invites/{id}/resend', { params: { path: { id } } })),
    ...done('Invitation sent again'),
  });
  const rows = invites.data?.data ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title="Open invitations">
      <DataTable
        label="Open invitations"
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { key: 'invitee', title: 'Invited', render: (row) => row.invitee },
          { key: 'role', title: 'Role', render: (row) => row.role },
          { key: 'team', title: 'Team', wide: true, render: (row) => row.team },
          { key: 'sent', title: 'Sent', wide: true, render: (row) => <Ago time={row.created_at} /> },
          {
            key: 'actions',
            title: <span className="visually-hidden">Actions</span>,
            numeric: true,
            render: (row) => (
              <span className="nowrap">
                <Button size="compact-xs" variant="default" onClick={() => resend.mutate(row.id)}>
                  Send again
                </Button>{' '}
                <Button size="compact-xs" variant="default" onClick={() => cancel.mutate(row.id)}>
                  Cancel
                </Button>
              </span>
            ),
          },
        ]}
      />
    </Section>
  );
}
