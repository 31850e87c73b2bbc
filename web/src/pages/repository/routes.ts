import type { RouteObject } from 'react-router-dom';

const children: RouteObject[] = [
  { index: true, lazy: () => import('./overview/OverviewPage') },
  { path: 'tags', lazy: () => import('./tags/TagsPage') },
  { path: 'tags/:reference', lazy: () => import('./image/ImagePage') },
  { path: 'tags/:reference/files', lazy: () => import('./files/FilesPage') },
  { path: 'images/:reference', lazy: () => import('./image/ImagePage') },
  { path: 'images/:reference/files', lazy: () => import('./files/FilesPage') },
  { path: 'compare', lazy: () => import('./compare/ComparePage') },
  { path: 'storage', lazy: () => import('./storage/StoragePage') },
  { path: 'settings', lazy: () => import('./settings/SettingsPage') },
];

const layout = () => import('./RepositoryLayout');

export const repositoryRoutes: RouteObject[] = [
  { path: 'r/:namespace/:repository', lazy: layout, children },
  { path: '_/:repository', lazy: layout, children },
  { path: 'repositories/create', lazy: () => import('./create/CreateRepositoryPage') },
];
