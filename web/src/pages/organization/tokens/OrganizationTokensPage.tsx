import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { useRegistryHost } from '@/api/session';
import { Ago } from '@/components/Ago';
import { CommandBox } from '@/components/CommandBox';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable, type Column } from '@/components/DataTable';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { SecretDialog } from '@/components/SecretDialog';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import { CreateOrganizationTokenDialog } from './CreateOrganizationTokenDialog';
import classes from '@/components/Form.module.css';

type Token = Schemas['OrganizationAccessToken'];

export function Component() {
  const { org, path } = useOrganization();
  usePageTitle('Access tokens', org);
  const host = useRegistryHost();
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Token | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const tokens = useQuery({
    queryKey: ['org-tokens', org],
    queryFn: () =>
      call(api.GET('/v2/orgs/{org_name}/access-tokens', { params: { path, query: { page_size: 100 } } })),
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['org-tokens', org] });
  const one = (token: Token) => ({ params: { path: { ...path, access_token_id: token.id } } });
  const toggle = useMutation({
    mutationFn: (token: Token) =>
      call(
        api.PATCH('/v2/orgs/{org_name}/access-tokens/{access_token_id}', {
          ...one(token),
          body: { is_active: !token.is_active },
        }),
      ),
    onSuccess: refresh,
    onError: notifyError,
  });
  const remove = useMutation({
    mutationFn: (token: Token) =>
      call(api.DELETE('/v2/orgs/{org_name}/access-tokens/{access_token_id}', one(token))),
    onSuccess: () => {
      setDeleting(null);
      notifyDone('Token deleted');
      return refresh();
    },
  });
  const columns: Column<Token>[] = [
    { key: 'label', title: 'Name', render: (row) => row.label },
    { key: 'by', title: 'Created by', wide: true, render: (row) => row.created_by },
    { key: 'created', title: 'Created', wide: true, render: (row) => <Ago time={row.created_at} /> },
    { key: 'used', title: 'Last used', render: (row) => <Ago time={row.last_used_at} /> },
    { key: 'expires', title: 'Expires', wide: true, render: (row) => <Ago time={row.expires_at} /> },
    {
      key: 'state',
      title: 'State',
      render: (row) => (
        <span className={row.is_active ? classes.good : classes.bad}>
          {row.is_active ? 'active' : 'inactive'}
        </span>
      ),
    },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) => (
        <span className="nowrap">
          <Button size="compact-xs" variant="default" onClick={() => toggle.mutate(row)}>
            {row.is_active ? 'Deactivate' : 'Activate'}
          </Button>{' '}
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Delete ${row.label}`}
            onClick={() => setDeleting(row)}
          >
            Delete
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Page
      title="Access tokens"
      description="Tokens that belong to the organization: a pipeline keeps working when a member leaves."
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          Create token
        </Button>
      }
    >
      <Query query={tokens}>
        {(data) =>
          data.results.length === 0 ? (
            <Empty
              icon={<IconKey size={30} />}
              title="No tokens yet"
              commands={[`docker login ${host} --username ${org}`]}
            >
              Sign in with the organization's name and the token as the password.
            </Empty>
          ) : (
            <DataTable label="Access tokens" columns={columns} rows={data.results} rowKey={(row) => row.id} />
          )
        }
      </Query>
      <CreateOrganizationTokenDialog
        org={org}
        opened={creating}
        onClose={() => setCreating(false)}
        onCreated={(token) => {
          setCreating(false);
          setSecret(token);
          void refresh();
        }}
      />
      <SecretDialog secret={secret} title="The new token" onClose={() => setSecret(null)}>
        <p className={classes.dim}>Use it as the password:</p>
        <CommandBox command={`docker login ${host} --username ${org}`} />
      </SecretDialog>
      <ConfirmDialog
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting && remove.mutate(deleting)}
        title="Delete token"
        confirm="Delete token"
        busy={remove.isPending}
        error={remove.error}
      >
        <p className={classes.dim}>
          Whatever signs in with <strong>{deleting?.label}</strong> stops working at once.
        </p>
      </ConfirmDialog>
    </Page>
  );
}
