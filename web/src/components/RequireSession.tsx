import type { ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router-dom';
import { useSession, type Session } from '@/api/session';
import { LoadingPage } from './States';

// Sends visitors to sign in and back.
export function RequireSession({ children }: { children: (session: Session) => ReactNode }) {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session === undefined) return <LoadingPage />;
  if (session === null)
    return <Navigate to={`/signin?next=${encodeURIComponent(pathname + search)}`} replace />;
  return <>{children(session)}</>;
}
