import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { TokenDialog } from '@/components/tokens/TokenDialog';
import { TokensPage } from '@/components/tokens/TokensPage';
import type { Token } from '@/components/tokens/TokenTable';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import { everyPublic, TokenResource } from './TokenResource';

type Resource = Schemas['OrganizationAccessTokenResource'];

async function listTokens(org_name: string): Promise<Token[]> {
  const page = await call(
    api.GET('/v2/orgs/{org_name}/access-tokens', {
      params: { path: { org_name }, query: { page_size: 100 } },
    }),
  );
  return page.results.map((token) => ({
    id: token.id,
    label: token.label,
    note: token.created_by,
    created: token.created_at,
    used: token.last_used_at,
    expires: token.expires_at,
    active: token.is_active,
  }));
}

export function Component() {
  const { org, path } = useOrganization();
  usePageTitle('Access tokens', org);
  const [resource, setResource] = useState<Resource>({
    type: 'TYPE_REPO',
    path: everyPublic,
    scopes: ['scope-image-pull'],
  });
  const query = useQuery({ queryKey: ['org-tokens', org], queryFn: () => listTokens(org) });
  const one = (token: Token) => ({ params: { path: { ...path, access_token_id: token.id } } });
  return (
    <TokensPage
      description="Tokens that belong to the organization: a pipeline keeps working when a member leaves."
      username={org}
      hint="Sign in with the organization's name and the token as the password."
      noteTitle="Created by"
      query={query}
      queryKey={['org-tokens', org]}
      setActive={(token) =>
        call(
          api.PATCH('/v2/orgs/{org_name}/access-tokens/{access_token_id}', {
            ...one(token),
            body: { is_active: !token.active },
          }),
        )
      }
      remove={(token) => call(api.DELETE('/v2/orgs/{org_name}/access-tokens/{access_token_id}', one(token)))}
      renderDialog={(dialog) => (
        <TokenDialog
          {...dialog}
          create={async (token) => {
            const body = { ...token, resources: [resource] };
            return (await call(api.POST('/v2/orgs/{org_name}/access-tokens', { params: { path }, body })))
              .token;
          }}
        >
          <TokenResource org={org} resource={resource} onChange={setResource} />
        </TokenDialog>
      )}
    />
  );
}
