import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router-dom';
import { ApiError } from '@/api/errors';
import { useSession, useSetup, useSignIn } from '@/api/session';
import { CurrentPasswordInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { Link } from '@/components/Link';
import { usePageTitle } from '@/lib/usePageTitle';
import { AuthCard } from './AuthCard';
import { safeNext } from './safeNext';

export function Component() {
  usePageTitle('Sign in');
  const session = useSession();
  const setup = useSetup();
  const signIn = useSignIn();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const next = safeNext(params.get('next'));

  if (session && !signIn.isPending) return <Navigate to={next} replace />;

  const submit = () =>
    signIn.mutate(
      { username: username.trim(), password, ...(needsCode ? { code: code.replace(/\s/g, '') } : {}) },
      {
        onSuccess: ({ user }) =>
          navigate(user.is_admin && setup && !setup.complete ? '/setup' : next, { replace: true }),
        onError: (error) => {
          if (error instanceof ApiError && error.needsSecondFactor && !needsCode) setNeedsCode(true);
        },
      },
    );
  const asked = signIn.error instanceof ApiError && signIn.error.needsSecondFactor && code === '';
  const fields = fieldErrors(signIn.error);

  return (
    <AuthCard
      title={needsCode ? 'Second factor' : `Sign in${setup?.server_name ? ` to ${setup.server_name}` : ''}`}
      footer={
        setup?.sign_up === 'open' && !needsCode ? (
          <>
            New here? <Link to="/signup">Create an account</Link>
          </>
        ) : undefined
      }
    >
      <Form
        mutation={{ mutate: submit, error: asked ? null : signIn.error, isPending: signIn.isPending }}
        submit={needsCode ? 'Verify' : 'Sign in'}
        wide
      >
        {needsCode ? (
          <TextInput
            label="Code"
            description="Six digits from your authenticator app, or a recovery code."
            autoComplete="one-time-code"
            autoFocus
            required
            value={code}
            error={fields.code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        ) : (
          <>
            <TextInput
              label="User name or e-mail"
              autoComplete="username"
              autoCapitalize="none"
              autoFocus
              required
              value={username}
              error={fields.username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
            <CurrentPasswordInput
              label="Password"
              required
              value={password}
              error={fields.password}
              onChange={setPassword}
            />
          </>
        )}
      </Form>
      {needsCode ? (
        <Button variant="subtle" onClick={() => (setNeedsCode(false), setCode(''), signIn.reset())}>
          Back
        </Button>
      ) : (
        <Link to="/reset-password" size="sm">
          Forgot the password?
        </Link>
      )}
    </AuthCard>
  );
}
