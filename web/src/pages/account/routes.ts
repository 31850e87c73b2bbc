import type { RouteObject } from 'react-router-dom';

export const accountRoutes: RouteObject[] = [
  {
    path: 'settings',
    lazy: () => import('./AccountLayout'),
    children: [
      { index: true, lazy: () => import('./profile/ProfilePage') },
      { path: 'security', lazy: () => import('./security/SecurityPage') },
      { path: 'tokens', lazy: () => import('./tokens/TokensPage') },
      { path: 'sessions', lazy: () => import('./sessions/SessionsPage') },
      { path: 'storage', lazy: () => import('./storage/AccountStoragePage') },
    ],
  },
  { path: 'activate', lazy: () => import('./activate/ActivatePage') },
  { path: 'notifications', lazy: () => import('./notifications/NotificationsPage') },
];
