import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '@mantine/core';
import { useSearchParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { FormError } from '@/components/FormError';
import { Link } from '@/components/Link';
import { usePageTitle } from '@/lib/usePageTitle';
import { AuthCard } from './AuthCard';

// A button, not an effect: mail scanners that open links must not use the token up.
export function Component() {
  usePageTitle('Confirm e-mail');
  const [params] = useSearchParams();
  const token = params.get('token') ?? '';
  const queries = useQueryClient();
  const verify = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/email/verify', { body: { token } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['session'] }),
  });
  return (
    <AuthCard title="Confirm the e-mail address" footer={<Link to="/">Explore images</Link>}>
      <FormError error={verify.error} />
      {verify.isSuccess ? (
        <p>
          <strong>{verify.data.email}</strong> is confirmed for {verify.data.username}.
        </p>
      ) : (
        <Button loading={verify.isPending} disabled={!token} onClick={() => verify.mutate()}>
          Confirm address
        </Button>
      )}
      {!token && <p>The link is incomplete. Open it from the message once more.</p>}
    </AuthCard>
  );
}
