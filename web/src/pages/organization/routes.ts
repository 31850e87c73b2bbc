import type { RouteObject } from 'react-router-dom';

export const organizationRoutes: RouteObject[] = [
  { path: 'orgs/create', lazy: () => import('./create/CreateOrganizationPage') },
  {
    path: 'orgs/:org',
    lazy: () => import('./OrganizationLayout'),
    children: [
      { index: true, lazy: () => import('./members/MembersPage') },
      { path: 'teams', lazy: () => import('./teams/TeamsPage') },
      { path: 'teams/:team', lazy: () => import('./teams/TeamPage') },
      { path: 'roles', lazy: () => import('./roles/RolesPage') },
      { path: 'scim', lazy: () => import('./scim/ScimPage') },
      { path: 'tokens', lazy: () => import('./tokens/OrganizationTokensPage') },
      { path: 'audit', lazy: () => import('./audit/AuditPage') },
      { path: 'usage', lazy: () => import('./usage/UsagePage') },
      { path: 'settings', lazy: () => import('./settings/OrganizationSettingsPage') },
    ],
  },
];
