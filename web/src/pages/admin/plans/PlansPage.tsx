import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { DataTable, type Column } from '@/components/DataTable';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { Empty } from '@/components/States';
import { formatBytes, formatNumber } from '@/lib/format';
import { usePageTitle } from '@/lib/usePageTitle';
import { PlanDialog } from './PlanDialog';

type Plan = Schemas['Plan'];
const limit = (value: number | null) => (value === null ? '∞' : formatNumber(value));

export function Component() {
  usePageTitle('Plans', 'Administration');
  const [editing, setEditing] = useState<Plan | 'new' | null>(null);
  const queries = useQueryClient();
  const plans = useQuery({ queryKey: ['plans'], queryFn: () => call(api.GET('/api/berth/v1/admin/plans')) });
  const remove = useMutation({
    mutationFn: (plan_name: string) =>
      call(api.DELETE('/api/berth/v1/admin/plans/{plan_name}', { params: { path: { plan_name } } })),
    onSuccess: () => {
      notifyDone('Plan deleted');
      return queries.invalidateQueries({ queryKey: ['plans'] });
    },
    onError: notifyError,
  });
  const columns: Column<Plan>[] = [
    {
      key: 'label',
      title: 'Plan',
      render: (row) => (
        <>
          {row.label} {row.is_default && <strong>default</strong>} {!row.enabled && 'disabled'}
        </>
      ),
    },
    { key: 'kind', title: 'For', render: (row) => (row.for_organizations ? 'organizations' : 'users') },
    { key: 'seats', title: 'Seats', numeric: true, wide: true, render: (row) => limit(row.seats) },
    {
      key: 'private',
      title: 'Private repositories',
      numeric: true,
      wide: true,
      render: (row) => limit(row.private_repositories),
    },
    {
      key: 'storage',
      title: 'Storage',
      numeric: true,
      wide: true,
      render: (row) => (row.storage_bytes === null ? '∞' : formatBytes(row.storage_bytes)),
    },
    { key: 'pulls', title: 'Pulls', numeric: true, wide: true, render: (row) => limit(row.pull_limit) },
    { key: 'accounts', title: 'Accounts', numeric: true, render: (row) => row.accounts },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) => (
        <span className="nowrap">
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Edit ${row.label}`}
            onClick={() => setEditing(row)}
          >
            Edit
          </Button>{' '}
          {row.accounts === 0 && !row.is_default && (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Delete ${row.label}`}
              onClick={() => remove.mutate(row.name)}
            >
              Delete
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <Page
      title="Plans"
      description="What accounts may use. Assign them under Users and Organizations."
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          Create plan
        </Button>
      }
    >
      <Query query={plans}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title="No plans yet" />
          ) : (
            <DataTable label="Plans" columns={columns} rows={data.items} rowKey={(row) => row.name} />
          )
        }
      </Query>
      {editing !== null && (
        <PlanDialog plan={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </Page>
  );
}
