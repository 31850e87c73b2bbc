import type { RouteObject } from 'react-router-dom';

export const adminRoutes: RouteObject[] = [
  { path: 'setup', lazy: () => import('./setup/SetupPage') },
  {
    path: 'admin',
    lazy: () => import('./AdminLayout'),
    children: [
      { index: true, lazy: () => import('./dashboard/DashboardPage') },
      { path: 'users', lazy: () => import('./users/UsersPage') },
      { path: 'organizations', lazy: () => import('./users/OrganizationsPage') },
      { path: 'plans', lazy: () => import('./plans/PlansPage') },
      { path: 'server', lazy: () => import('./server/ServerPage') },
      { path: 'jobs', lazy: () => import('./jobs/JobsPage') },
      { path: 'garbage', lazy: () => import('./garbage/GarbagePage') },
      { path: 'storage', lazy: () => import('./storage/ServerStoragePage') },
      { path: 'audit', lazy: () => import('./audit/ServerAuditPage') },
      { path: 'mail', lazy: () => import('./server/MailPage') },
      { path: 'configuration', lazy: () => import('./config/ConfigurationPage') },
    ],
  },
];
