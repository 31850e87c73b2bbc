import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useOutletContext } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import { useRegistryHost, type Session } from '@/api/session';
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
import { CreateTokenDialog, scopeLabels } from './CreateTokenDialog';
import classes from '@/components/Form.module.css';

type Token = Schemas['AccessToken'];

function useTokens() {
  return useQuery({
    queryKey: ['access-tokens'],
    queryFn: () => call(api.GET('/v2/access-tokens', { params: { query: { page_size: 100 } } })),
  });
}

export function Component() {
  usePageTitle('Access tokens');
  const { user } = useOutletContext<Session>();
  const host = useRegistryHost();
  const queries = useQueryClient();
  const tokens = useTokens();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Token | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ['access-tokens'] });
  const path = (token: Token) => ({ params: { path: { uuid: token.uuid } } });
  const toggle = useMutation({
    mutationFn: (token: Token) =>
      call(api.PATCH('/v2/access-tokens/{uuid}', { ...path(token), body: { is_active: !token.is_active } })),
    onSuccess: refresh,
    onError: notifyError,
  });
  const remove = useMutation({
    mutationFn: (token: Token) => call(api.DELETE('/v2/access-tokens/{uuid}', path(token))),
    onSuccess: () => {
      setDeleting(null);
      notifyDone('Token deleted');
      return refresh();
    },
  });
  const columns: Column<Token>[] = [
    { key: 'label', title: 'Name', render: (row) => row.token_label },
    {
      key: 'scopes',
      title: 'Permission',
      render: (row) => row.scopes.map((scope) => scopeLabels[scope] ?? scope).join(', '),
    },
    { key: 'created', title: 'Created', wide: true, render: (row) => <Ago time={row.created_at} /> },
    { key: 'used', title: 'Last used', wide: true, render: (row) => <Ago time={row.last_used} /> },
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
            aria-label={`Delete ${row.token_label}`}
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
      description="A token stands for your password in docker login and scripts, with less permission and an end of its own."
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
              commands={[`docker login ${host} --username ${user.username}`]}
            >
              Create one and give it to docker instead of your password.
            </Empty>
          ) : (
            <DataTable
              label="Access tokens"
              columns={columns}
              rows={data.results}
              rowKey={(row) => row.uuid}
            />
          )
        }
      </Query>
      <CreateTokenDialog
        opened={creating}
        onClose={() => setCreating(false)}
        onCreated={(token) => {
          setCreating(false);
          setSecret(token.token);
          void refresh();
        }}
      />
      <SecretDialog secret={secret} title="Your new token" onClose={() => setSecret(null)}>
        <p className={classes.dim}>Use it as the password:</p>
        <CommandBox command={`docker login ${host} --username ${user.username}`} />
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
        <p style={{ margin: 0 }}>
          Whatever signs in with <strong>{deleting?.token_label}</strong> stops working at once.
        </p>
      </ConfirmDialog>
    </Page>
  );
}
