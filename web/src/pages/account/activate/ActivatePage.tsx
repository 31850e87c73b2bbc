import { Alert, Button, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { Ago } from '@/components/Ago';
import { FormError } from '@/components/FormError';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { RequireSession } from '@/components/RequireSession';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

function Decide({ code, username }: { code: string; username: string }) {
  const queries = useQueryClient();
  const key = ['device', code];
  const params = { params: { path: { user_code: code } } };
  const device = useQuery({
    queryKey: key,
    queryFn: () => call(api.GET('/api/berth/v1/device/{user_code}', params)),
  });
  const decide = useMutation({
    mutationFn: (approve: boolean) =>
      approve
        ? call(api.POST('/api/berth/v1/device/{user_code}/approve', params))
        : call(api.POST('/api/berth/v1/device/{user_code}/deny', params)),
    onSuccess: (data) => queries.setQueryData(key, data),
  });
  return (
    <Query query={device}>
      {(data) => (
        <Section title={data.client_name || data.client_id} description={`wants to sign in as ${username}`}>
          {data.state === 'approved' && (
            <p role="status" className={classes.good}>
              Approved. The device signs in within a few seconds; this page can be closed.
            </p>
          )}
          {data.state === 'denied' && (
            <p role="status" className={classes.bad}>
              Denied. Nothing was signed in.
            </p>
          )}
          {data.state === 'pending' && (
            <div className={classes.stack}>
              <p className={classes.dim}>
                Asked <Ago time={data.created_at} /> from <code>{data.ip}</code>,{' '}
                {data.user_agent || 'unknown program'}.
                {data.scopes.length > 0 && ` It asks for ${data.scopes.join(', ')}.`}
              </p>
              <Alert color="yellow" icon={<IconAlertTriangle size={18} />}>
                Approve only what you started yourself. Whoever sent you here with a code would sign in as
                you.
              </Alert>
              <FormError error={decide.error} />
              <div className={classes.row}>
                <Button loading={decide.isPending} onClick={() => decide.mutate(true)}>
                  Approve
                </Button>
                <Button variant="default" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
                  Deny
                </Button>
              </div>
            </div>
          )}
        </Section>
      )}
    </Query>
  );
}

export function Component() {
  usePageTitle('Approve a device');
  const [params, setParams] = useSearchParams();
  const given = params.get('user_code') ?? params.get('code') ?? '';
  const [code, setCode] = useState(given);
  return (
    <RequireSession>
      {(session) => (
        <Page
          title="Approve a device"
          description="docker login shows a code on the device that wants to sign in. Type it here."
        >
          <form
            className={classes.form}
            onSubmit={(event) => {
              event.preventDefault();
              setParams({ user_code: code.trim().toUpperCase() });
            }}
          >
            <div className={classes.row}>
              <TextInput
                className={classes.grow}
                label="Code"
                placeholder="ABCD-EFGH"
                autoComplete="off"
                required
                value={code}
                onChange={(event) => setCode(event.currentTarget.value)}
              />
              <Button type="submit">Continue</Button>
            </div>
          </form>
          {given && <Decide code={given} username={session.user.username} />}
        </Page>
      )}
    </RequireSession>
  );
}
