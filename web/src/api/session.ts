// Who is signed in, and how this server presents itself.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, setCsrfToken, type Schemas } from './client';
import { isStatus } from './errors';

export type Session = Schemas['Session'];

// The session cookie cannot be read here. This mark only saves the question (and its 401) for visitors who never signed in.
const mark = 'berth.signed-in';

async function fetchSession(): Promise<Session | null> {
  if (localStorage.getItem(mark) === null) return null;
  try {
    const session = await call(api.GET('/api/berth/v1/session'));
    setCsrfToken(session.csrf_token);
    return session;
  } catch (error) {
    if (!isStatus(error, 401)) throw error;
    localStorage.removeItem(mark);
    return null;
  }
}

// undefined while it is not known yet, null for a visitor.
export function useSession(): Session | null | undefined {
  return useQuery({ queryKey: ['session'], queryFn: fetchSession, staleTime: 60_000 }).data;
}

export function useSetup() {
  return useQuery({
    queryKey: ['setup'],
    queryFn: () => call(api.GET('/api/berth/v1/setup')),
    staleTime: Infinity,
  }).data;
}

// What to write before an image name; the page's own host until the server has answered.
export function useRegistryHost(): string {
  return useSetup()?.registry_host || window.location.host;
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['CreateSessionRequest']) => call(api.POST('/api/berth/v1/session', { body })),
    onSuccess: (session) => {
      localStorage.setItem(mark, '1');
      setCsrfToken(session.csrf_token);
      // Everything may look different to somebody who is signed in.
      queries.clear();
      queries.setQueryData(['session'], session);
    },
  });
}

// After the session has ended, by whatever: nothing that it was shown stays.
export function useForgetSession() {
  const queries = useQueryClient();
  return () => {
    localStorage.removeItem(mark);
    setCsrfToken('');
    queries.clear();
    queries.setQueryData(['session'], null);
  };
}

export function useSignOut() {
  const forget = useForgetSession();
  return useMutation({
    mutationFn: () => call(api.DELETE('/api/berth/v1/session')),
    onSettled: forget,
  });
}

// May the caller manage this namespace (create repositories, see its settings)?
export function roleIn(
  session: Session | null | undefined,
  namespace: string,
): 'owner' | 'editor' | 'member' | 'custom' | null {
  if (!session) return null;
  if (session.user.username === namespace || session.user.is_admin) return 'owner';
  const membership = session.organizations.find((each) => each.orgname === namespace);
  if (!membership) return null;
  const role = membership.user_role.toLowerCase();
  return role === 'owner' || role === 'editor' || role === 'member' ? role : 'custom';
}
