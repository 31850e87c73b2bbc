import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useOutletContext } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import type { Session } from '@/api/session';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone, notifyError } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';
import { ConvertAccount } from './ConvertAccount';
import { DeleteAccount } from './DeleteAccount';
import { EmailForm } from './EmailForm';
import classes from '@/components/Form.module.css';

const fields = [
  ['full_name', 'Full name', 'name'],
  ['company', 'Company', 'organization'],
  ['location', 'Location', 'address-level2'],
  ['profile_url', 'Web site', 'url'],
] as const;

function ProfileForm({ user }: { user: Schemas['CurrentUser'] }) {
  const queries = useQueryClient();
  const [values, setValues] = useState(() => Object.fromEntries(fields.map(([name]) => [name, user[name]])));
  const save = useMutation({
    mutationFn: () => call(api.PATCH('/v2/user', { body: values })),
    onSuccess: () => {
      notifyDone('Profile saved');
      return Promise.all([
        queries.invalidateQueries({ queryKey: ['session'] }),
        queries.invalidateQueries({ queryKey: ['account', user.username] }),
      ]);
    },
  });
  const errors = fieldErrors(save.error);
  return (
    <Form mutation={save} submit="Save profile">
      {fields.map(([name, label, autoComplete]) => (
        <TextInput
          key={name}
          label={label}
          autoComplete={autoComplete}
          maxLength={255}
          value={values[name] ?? ''}
          error={errors[name]}
          onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
        />
      ))}
    </Form>
  );
}

export function Component() {
  usePageTitle('Profile');
  const session = useOutletContext<Session>();
  const settings = useQuery({
    queryKey: ['account-settings'],
    queryFn: () => call(api.GET('/api/berth/v1/user/account')),
  });
  const resend = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/email/resend')),
    onSuccess: () => notifyDone('The message is on its way'),
    onError: notifyError,
  });
  return (
    <Page title="Profile">
      <Section title="About you" description="Shown on your page to everybody.">
        <ProfileForm user={session.user} />
      </Section>
      <Section title="E-mail">
        <Query query={settings}>
          {(data) => (
            <div className={classes.stack}>
              <p className={classes.dim}>
                <strong>{data.email || 'No address'}</strong>
                {data.email && (data.email_verified ? ', confirmed' : ', not confirmed yet')}
                {data.pending_email && `; ${data.pending_email} waits to be confirmed`}
              </p>
              {((data.email && !data.email_verified) || data.pending_email) && (
                <div>
                  <Button
                    size="xs"
                    variant="default"
                    loading={resend.isPending}
                    onClick={() => resend.mutate()}
                  >
                    Send the link again
                  </Button>
                </div>
              )}
              {data.managed_by_scim ? (
                <p className={classes.dim}>Your identity provider manages this address.</p>
              ) : (
                <EmailForm />
              )}
            </div>
          )}
        </Query>
      </Section>
      <ConvertAccount username={session.user.username} />
      <DeleteAccount username={session.user.username} />
    </Page>
  );
}
