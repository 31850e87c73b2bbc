import type { RouteObject } from 'react-router-dom';

const children: RouteObject[] = [
  { index: true, lazy: () => import('./overview/OverviewPage') },
  { path: 'tags', lazy: () => import('./tags/TagsPage') },
];

const layout = () => import('./RepositoryLayout');

export const repositoryRoutes: RouteObject[] = [
  { path: 'r/:namespace/:repository', lazy: layout, children },
  { path: '_/:repository', lazy: layout, children },
];
