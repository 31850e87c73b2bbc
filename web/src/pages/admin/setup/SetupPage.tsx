import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { useRegistryHost, useSetup, type Session } from '@/api/session';
import { CommandBox } from '@/components/CommandBox';
import { fieldErrors, FormError } from '@/components/FormError';
import { Link } from '@/components/Link';
import { Page, Section } from '@/components/Page';
import { RequireSession } from '@/components/RequireSession';
import { Failure, LoadingPage } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
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
        api.POST('/api/berth/v1/setup', { body: { ...rest, email: email || undefined, password: password || undefined } }),
      );
    },
    onSuccess: (state) => queries.setQueryData(['setup'], state),
  });
  const errors = fieldErrors(complete.error);
  return (
    <Section title="First run" description="Everything here can be changed later under Administration.">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          complete.mutate();
        }}
      >
        <FormError error={complete.error} />
        <TextInput
          label="Server name"
          description="Shown at the bottom of every page and where people sign in."
          required
          maxLength={100}
          value={values.server_name}
          error={errors.server_name}
          onChange={(event) => setValues({ ...values, server_name: event.currentTarget.value })}
        />
        <NativeSelect
          label="Who may sign up"
          data={[
            { value: 'closed', label: 'Only those with an invitation' },
            { value: 'open', label: 'Everybody' },
          ]}
          value={values.sign_up}
          onChange={(event) => setValues({ ...values, sign_up: event.currentTarget.value as Schemas['SignUpPolicy'] })}
        />
        <NativeSelect
          label="Pull limits"
          data={[
            { value: 'none', label: 'None' },
            { value: 'docker-hub', label: 'As on Docker Hub' },
          ]}
          value={values.pull_limits}
          onChange={(event) => setValues({ ...values, pull_limits: event.currentTarget.value as 'none' | 'docker-hub' })}
        />
        <TextInput
          label="Your e-mail"
          type="email"
          autoComplete="email"
          value={values.email}
          error={errors.email}
          onChange={(event) => setValues({ ...values, email: event.currentTarget.value })}
        />
        <PasswordInput
          label="Your new password"
          description="Replaces the generated one. Empty: it stays."
          autoComplete="new-password"
          minLength={8}
          value={values.password}
          error={errors.password}
          onChange={(event) => setValues({ ...values, password: event.currentTarget.value })}
        />
        <div>
          <Button type="submit" loading={complete.isPending}>
            Finish
          </Button>
        </div>
      </form>
    </Section>
  );
}

export function Component() {
  usePageTitle('First run');
  const setup = useSetup();
  return (
    <RequireSession>
      {(session) => {
        if (!session.user.is_admin) return <Failure error={new Error('Only the administrator sets the server up.')} />;
        if (!setup) return <LoadingPage />;
        return <Page title="Welcome to Berth">{setup.complete ? <Done session={session} /> : <Wizard setup={setup} />}</Page>;
      }}
    </RequireSession>
  );
}
