import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { useSetup, useSignIn } from '@/api/session';
import { AccountNameInput, EmailInput, NewPasswordInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { Link } from '@/components/Link';
import { usePageTitle } from '@/lib/usePageTitle';
import { AuthCard } from './AuthCard';

function Verification({ kind, email }: { kind: string; email: string }) {
  return (
    <AuthCard title="Almost there" footer={<Link to="/signin">Sign in</Link>}>
      {kind === 'mail_sent' ? (
        <p>
          A message with a link is on its way to <strong>{email}</strong>. Open the link to confirm the
          address.
        </p>
      ) : (
        <p>This server sends no mail. Ask its administrator to confirm your address, then sign in.</p>
      )}
    </AuthCard>
  );
}

export function Component() {
  usePageTitle('Sign up');
  const [params] = useSearchParams();
  const invitation = params.get('invitation') ?? undefined;
  const [username, setUsername] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const setup = useSetup();
  const signIn = useSignIn();
  const navigate = useNavigate();
  const signUp = useMutation({
    mutationFn: () =>
      call(
        api.POST('/api/berth/v1/signup', { body: { username, email: email.trim(), password, invitation } }),
      ),
    onSuccess: (answer) => {
      if (answer.verification !== 'verified') return;
      signIn.mutate(
        { username, password },
        { onSuccess: () => navigate(invitation ? `/invitations/${invitation}` : '/') },
      );
    },
  });
  const fields = fieldErrors(signUp.error);

  if (signUp.data && signUp.data.verification !== 'verified') {
    return <Verification kind={signUp.data.verification} email={email} />;
  }
  if (setup?.sign_up === 'closed' && !invitation) {
    return (
      <AuthCard title="Sign-up is closed" footer={<Link to="/signin">Sign in</Link>}>
        <p>
          Accounts on this server come by invitation. Ask its administrator or the owner of an organization
          for one.
        </p>
      </AuthCard>
    );
  }
  return (
    <AuthCard
      title="Create an account"
      footer={
        <>
          Have one already? <Link to="/signin">Sign in</Link>
        </>
      }
    >
      <Form
        mutation={{
          mutate: () => signUp.mutate(),
          error: signUp.error ?? signIn.error,
          isPending: signUp.isPending || signIn.isPending,
        }}
        submit="Create account"
        wide
      >
        <AccountNameInput value={username} error={fields.username} onChange={setUsername} />
        <EmailInput required value={email} error={fields.email} onChange={setEmail} />
        <NewPasswordInput
          label="Password"
          required
          value={password}
          error={fields.password}
          onChange={setPassword}
        />
      </Form>
    </AuthCard>
  );
}
