import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { useSetup } from '@/api/session';
import { EmailInput, NewPasswordInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { Link } from '@/components/Link';
import { usePageTitle } from '@/lib/usePageTitle';
import { AuthCard } from './AuthCard';

function AskForLink() {
  const [email, setEmail] = useState('');
  const setup = useSetup();
  const request = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/password/reset', { body: { email: email.trim() } })),
  });
  if (request.isSuccess) {
    return (
      <p>
        {setup?.mail_configured === false
          ? 'This server sends no mail. Its administrator finds the link under Administration, Users.'
          : 'If an account has this address, a message with a link is on its way to it.'}
      </p>
    );
  }
  return (
    <Form mutation={request} submit="Send a link" wide>
      <EmailInput label="E-mail of the account" required value={email} onChange={setEmail} />
    </Form>
  );
}

function ChooseNew({ token }: { token: string }) {
  const [password, setPassword] = useState('');
  const reset = useMutation({
    mutationFn: () =>
      call(api.POST('/api/berth/v1/password/reset/confirm', { body: { token, new_password: password } })),
  });
  if (reset.isSuccess) return <p>The password is changed. You can sign in with it now.</p>;
  return (
    <Form mutation={reset} submit="Set password" wide>
      <NewPasswordInput
        required
        value={password}
        error={fieldErrors(reset.error).new_password}
        onChange={setPassword}
      />
    </Form>
  );
}

export function Component() {
  usePageTitle('Reset password');
  const [params] = useSearchParams();
  const token = params.get('token');
  return (
    <AuthCard
      title={token ? 'Choose a new password' : 'Reset the password'}
      footer={<Link to="/signin">Sign in</Link>}
    >
      {token ? <ChooseNew token={token} /> : <AskForLink />}
    </AuthCard>
  );
}
