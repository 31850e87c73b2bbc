// Every page, loaded when it is first visited. One folder of src/pages a page; areas with several pages keep a routes.ts of their own.
import { createBrowserRouter } from 'react-router-dom';
import { Shell } from '@/layout/Shell';
import { accountRoutes } from '@/pages/account/routes';
import { adminRoutes } from '@/pages/admin/routes';
import { authRoutes } from '@/pages/auth/routes';
import { organizationRoutes } from '@/pages/organization/routes';
import { repositoryRoutes } from '@/pages/repository/routes';
import { ErrorPage } from '@/pages/not-found/ErrorPage';
import { Component as NotFound } from '@/pages/not-found/NotFound';

export const router = createBrowserRouter(
  [
    {
      element: <Shell />,
      children: [
        {
          errorElement: <ErrorPage />,
          children: [
            { index: true, lazy: () => import('@/pages/explore/ExplorePage') },
            { path: 'search', lazy: () => import('@/pages/explore/ExplorePage') },
            { path: 'u/:namespace', lazy: () => import('@/pages/namespace/NamespacePage') },
            { path: 'docs/api/:document?', lazy: () => import('@/pages/api-docs/ApiDocsPage') },
            ...repositoryRoutes,
            ...authRoutes,
            ...accountRoutes,
            ...organizationRoutes,
            ...adminRoutes,
            { path: '*', element: <NotFound /> },
          ],
        },
      ],
    },
  ],
  {
    future: {
      v7_relativeSplatPath: true,
      v7_fetcherPersist: true,
      v7_normalizeFormMethod: true,
      v7_partialHydration: true,
      v7_skipActionErrorRevalidation: true,
    },
  },
);
