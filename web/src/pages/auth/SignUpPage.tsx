import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { useSetup, useSignIn } from '@/api/session';
import { fieldErrors, FormError } from '@/components/FormError';
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signUp.mutate();
  };

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
      <form onSubmit={submit}>
        <FormError error={signUp.error ?? signIn.error} />
        <TextInput
          label="User name"
          description="4 to 30 small letters and digits. It becomes part of your images' names."
          autoComplete="username"
          autoCapitalize="none"
          pattern="[a-z0-9]{4,30}"
          required
          value={username}
          error={fields.username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="email"
          required
          value={email}
          error={fields.email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          description="At least 8 characters."
          autoComplete="new-password"
          required
          minLength={8}
          value={password}
          error={fields.password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={signUp.isPending || signIn.isPending} fullWidth>
          Create account
        </Button>
      </form>
    </AuthCard>
  );
}
