import { Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useOutletContext } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import type { Session } from '@/api/session';
import { TokenDialog } from '@/components/tokens/TokenDialog';
import { TokensPage } from '@/components/tokens/TokensPage';
import type { Token } from '@/components/tokens/TokenTable';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

type Scope = Schemas['AccessTokenScope'];

const scopeLabels: Record<Scope, string> = {
  'repo:public_read': 'Pull public images',
  'repo:read': 'Pull',
  'repo:write': 'Pull and push',
  'repo:admin': 'Pull, push and delete',
};
const queryKey = ['access-tokens'];

async function listTokens(): Promise<Token[]> {
  const page = await call(api.GET('/v2/access-tokens', { params: { query: { page_size: 100 } } }));
  return page.results.map((token) => ({
    id: token.uuid,
    label: token.token_label,
    note: token.scopes.map((scope) => scopeLabels[scope] ?? scope).join(', '),
    created: token.created_at,
    used: token.last_used,
    expires: token.expires_at ?? null,
    active: token.is_active,
  }));
}

export function Component() {
  usePageTitle('Access tokens');
  const { user } = useOutletContext<Session>();
  const [scope, setScope] = useState<Scope>('repo:read');
  const query = useQuery({ queryKey, queryFn: listTokens });
  const path = (token: Token) => ({ params: { path: { uuid: token.id } } });
  return (
    <TokensPage
      description="A token stands for your password in docker login and scripts, with less permission and an end of its own."
      username={user.username}
      hint="Create one and give it to docker instead of your password."
      noteTitle="Permission"
      query={query}
      queryKey={queryKey}
      setActive={(token) =>
        call(api.PATCH('/v2/access-tokens/{uuid}', { ...path(token), body: { is_active: !token.active } }))
      }
      remove={(token) => call(api.DELETE('/v2/access-tokens/{uuid}', path(token)))}
      renderDialog={(dialog) => (
        <TokenDialog
          {...dialog}
          create={async ({ label, expires_at }) => {
            const body = { token_label: label, scopes: [scope], expires_at };
            return (await call(api.POST('/v2/access-tokens', { body }))).token;
          }}
        >
          <Radio.Group label="Permission" value={scope} onChange={(value) => setScope(value as Scope)}>
            <div className={classes.choices}>
              {Object.entries(scopeLabels).map(([value, text]) => (
                <Radio key={value} value={value} label={text} />
              ))}
            </div>
          </Radio.Group>
        </TokenDialog>
      )}
    />
  );
}
