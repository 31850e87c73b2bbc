import { Button } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { CommandBox } from '@/components/CommandBox';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Facts } from '@/components/Facts';
import { notifyDone, notifyError } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { SecretDialog } from '@/components/SecretDialog';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import classes from '@/components/Form.module.css';

function Connection({ state }: { state: Schemas['ScimState'] }) {
  return (
    <Section title="Connection" description="Give this address and the token to your identity provider.">
      <CommandBox command={state.base_url} label="Copy address" />
      <Facts
        facts={[
          ['People', state.users],
          ['Groups', state.groups],
          ['Token made', <Ago key="made" time={state.token_created_at} />],
          ['Token last used', <Ago key="used" time={state.token_last_used_at} />],
        ]}
      />
    </Section>
  );
}

export function Component() {
  const { org, path } = useOrganization();
  usePageTitle('SCIM', org);
  const queries = useQueryClient();
  const [secret, setSecret] = useState<string | null>(null);
  const [asking, setAsking] = useState<'token' | 'off' | null>(null);
  const query = useQuery({
    queryKey: ['scim', org],
    queryFn: () => call(api.GET('/api/berth/v1/orgs/{org_name}/scim', { params: { path } })),
  });
  const changed = () => {
    setAsking(null);
    return queries.invalidateQueries({ queryKey: ['scim', org] });
  };
  const makeToken = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/orgs/{org_name}/scim/token', { params: { path } })),
    onSuccess: ({ token }) => (setSecret(token), changed()),
    onError: notifyError,
  });
  const turnOff = useMutation({
    mutationFn: () => call(api.DELETE('/api/berth/v1/orgs/{org_name}/scim', { params: { path } })),
    onSuccess: () => (notifyDone('SCIM is off'), changed()),
  });
  const enabled = query.data?.enabled ?? false;
  return (
    <Page
      title="SCIM"
      description="Your identity provider adds and removes members and teams by itself."
      actions={
        enabled ? (
          <>
            <Button variant="default" onClick={() => setAsking('token')}>
              Replace token
            </Button>
            <Button variant="default" onClick={() => setAsking('off')}>
              Turn off
            </Button>
          </>
        ) : undefined
      }
    >
      <Query query={query}>
        {(state) =>
          state.enabled ? (
            <Connection state={state} />
          ) : (
            <Empty
              icon={<IconPlugConnected size={30} />}
              title="Not connected"
              action={
                <Button loading={makeToken.isPending} onClick={() => makeToken.mutate()}>
                  Turn on and make a token
                </Button>
              }
            >
              Turn it on, then give the address and the token to your identity provider.
            </Empty>
          )
        }
      </Query>
      <SecretDialog secret={secret} title="The token of the connection" onClose={() => setSecret(null)} />
      <ConfirmDialog
        opened={asking === 'token'}
        onClose={() => setAsking(null)}
        onConfirm={() => makeToken.mutate()}
        title="Replace the token"
        confirm="Replace token"
        busy={makeToken.isPending}
      >
        <p className={classes.dim}>The token that your identity provider has now stops working at once.</p>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'off'}
        onClose={() => setAsking(null)}
        onConfirm={() => turnOff.mutate()}
        title="Turn SCIM off"
        confirm="Turn off"
        busy={turnOff.isPending}
        error={turnOff.error}
      >
        <p className={classes.dim}>People and teams stay; you look after them yourself again.</p>
      </ConfirmDialog>
    </Page>
  );
}
