import { NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { useRegistryHost, useSetup, type Session } from '@/api/session';
import { Form } from '@/components/Form';
import { EmailInput, NewPasswordInput } from '@/components/AccountFields';
import { CommandBox } from '@/components/CommandBox';
import { fieldErrors } from '@/components/FormError';
import { Link } from '@/components/Link';
import { Page, Section } from '@/components/Page';
import { RequireSession } from '@/components/RequireSession';
import { Failure, LoadingPage } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import { ServerNameInput, SignUpSelect } from '../server/fields';
import classes from '@/components/Form.module.css';

function Done({ session }: { session: Session }) {
  const host = useRegistryHost();
  const name = `${host}/${session.user.username}/alpine`;
  return (
    <Section title="The server is ready" description="Push a first image:">
      <CommandBox command={`docker login ${host} --username ${session.user.username}`} />
      <CommandBox command={`docker tag alpine ${name}`} />
      <CommandBox command={`docker push ${name}`} />
      <p className={classes.dim}>
        Then look at it <Link to={`/u/${session.user.username}`}>here</Link>, or go on to the{' '}
        <Link to="/admin">administration</Link>.
      </p>
    </Section>
  );
}

function Wizard({ setup }: { setup: Schemas['SetupState'] }) {
  const queries = useQueryClient();
  const [values, setValues] = useState<Required<Schemas['CompleteSetupRequest']>>({
    server_name: setup.server_name,
    sign_up: setup.sign_up,
    pull_limits: 'none',
    email: '',
    password: '',
  });
  const complete = useMutation({
    mutationFn: () => {
      const { email, password, ...rest } = values;
      return call(
        api.POST('/api/berth/v1/setup', {
          body: { ...rest, email: email || undefined, password: password || undefined },
        }),
      );
    },
    onSuccess: (state) => queries.setQueryData(['setup'], state),
  });
  const errors = fieldErrors(complete.error);
  return (
    <Section title="First run" description="Everything here can be changed later under Administration.">
      <Form mutation={complete} submit="Finish">
        <ServerNameInput
          value={values.server_name}
          error={errors.server_name}
          onChange={(server_name) => setValues({ ...values, server_name })}
        />
        <SignUpSelect value={values.sign_up} onChange={(sign_up) => setValues({ ...values, sign_up })} />
        <NativeSelect
          label="Pull limits"
          data={[
            { value: 'none', label: 'None' },
            { value: 'docker-hub', label: 'As on Docker Hub' },
          ]}
          value={values.pull_limits}
          onChange={(event) =>
            setValues({ ...values, pull_limits: event.currentTarget.value as 'none' | 'docker-hub' })
          }
        />
        <EmailInput
          label="Your e-mail"
          value={values.email}
          error={errors.email}
          onChange={(email) => setValues({ ...values, email })}
        />
        <NewPasswordInput
          label="Your new password"
          description="Replaces the generated one. Empty: it stays."
          value={values.password}
          error={errors.password}
          onChange={(password) => setValues({ ...values, password })}
        />
      </Form>
    </Section>
  );
}

export function Component() {
  usePageTitle('First run');
  const setup = useSetup();
  return (
    <RequireSession>
      {(session) => {
        if (!session.user.is_admin)
          return <Failure error={new Error('Only the administrator sets the server up.')} />;
        if (!setup) return <LoadingPage />;
        return (
          <Page title="Welcome to Berth">
            {setup.complete ? <Done session={session} /> : <Wizard setup={setup} />}
          </Page>
        );
      }}
    </RequireSession>
  );
}
