import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link as RouterLink, useNavigate, useParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { useSession } from '@/api/session';
import { FormError } from '@/components/FormError';
import { Query } from '@/components/Query';
import { formatDay } from '@/lib/format';
import { namespacePath } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { AuthCard } from './AuthCard';

export function Component() {
  usePageTitle('Invitation');
  const { token = '' } = useParams();
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const path = { invite_token: token };
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => call(api.GET('/api/berth/v1/invitations/{invite_token}', { params: { path } })),
  });
  const accept = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/invitations/{invite_token}/accept', { params: { path } })),
    onSuccess: async (membership) => {
      await queries.invalidateQueries({ queryKey: ['session'] });
      navigate(namespacePath(membership.orgname));
    },
  });
  return (
    <AuthCard title="Invitation">
      <Query query={invitation}>
        {(data) => (
          <>
            <p>
              <strong>{data.inviter}</strong> invites you to join{' '}
              <strong>{data.org.full_name || data.org.orgname}</strong> as {data.role.toLowerCase()}
              {data.team ? ` in the team ${data.team}` : ''}. The invitation ends on{' '}
              {formatDay(data.expires_at)}.
            </p>
            <FormError error={accept.error} />
            {session ? (
              <Button loading={accept.isPending} onClick={() => accept.mutate()}>
                Join as {session.user.username}
              </Button>
            ) : (
              <>
                <Button component={RouterLink} to={`/signin?next=/invitations/${token}`}>
                  Sign in to join
                </Button>
                <Button component={RouterLink} variant="default" to={`/signup?invitation=${token}`}>
                  Create an account
                </Button>
              </>
            )}
          </>
        )}
      </Query>
    </AuthCard>
  );
}
