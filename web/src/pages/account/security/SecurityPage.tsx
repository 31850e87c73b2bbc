import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { CurrentPasswordInput, NewPasswordInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';
import { TwoFactorOff } from './TwoFactorOff';
import { TwoFactorOn } from './TwoFactorOn';

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () =>
      call(
        api.PUT('/api/berth/v1/user/password', { body: { current_password: current, new_password: next } }),
      ),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      notifyDone('Password changed');
    },
  });
  const errors = fieldErrors(change.error);
  return (
    <Form mutation={change} submit="Change password">
      <CurrentPasswordInput required value={current} error={errors.current_password} onChange={setCurrent} />
      <NewPasswordInput required value={next} error={errors.new_password} onChange={setNext} />
    </Form>
  );
}

export function Component() {
  usePageTitle('Security');
  const settings = useQuery({
    queryKey: ['account-settings'],
    queryFn: () => call(api.GET('/api/berth/v1/user/account')),
  });
  return (
    <Page title="Security">
      <Section
        title="Second factor"
        description="A code from your phone besides the password. docker login then needs an access token."
      >
        <Query query={settings}>
          {(data) =>
            data.two_factor_enabled ? <TwoFactorOn codesLeft={data.recovery_codes_left} /> : <TwoFactorOff />
          }
        </Query>
      </Section>
      <Section title="Password">
        <PasswordForm />
      </Section>
    </Page>
  );
}
