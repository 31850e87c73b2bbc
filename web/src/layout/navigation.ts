// The places that the main navigation leads to, for the bar of a wide screen and the drawer of a narrow one.
import type { Session } from '@/api/session';
import { namespacePath } from '@/lib/names';

export interface Place {
  to: string;
  label: string;
  end?: boolean;
}

export function mainPlaces(session: Session | null | undefined): Place[] {
  return [
    { to: '/', label: 'Explore', end: true },
    ...(session ? [{ to: namespacePath(session.user.username), label: 'My repositories' }] : []),
    ...(session?.user.is_admin ? [{ to: '/admin', label: 'Administration' }] : []),
  ];
}

export const accountPlaces: Place[] = [
  { to: '/repositories/create', label: 'Create repository' },
  { to: '/orgs/create', label: 'Create organization' },
  { to: '/notifications', label: 'Notifications' },
  { to: '/settings', label: 'Account settings' },
  { to: '/activate', label: 'Approve a device' },
];
