// Every page, loaded when it is first visited but for the first one, which most visits begin with. One folder of src/pages a page;
// areas with several pages keep a routes.ts of their own.
import { createBrowserRouter } from 'react-router-dom';
import { Shell } from '@/layout/Shell';
import { accountRoutes } from '@/pages/account/routes';
import { adminRoutes } from '@/pages/admin/routes';
import { authRoutes } from '@/pages/auth/routes';
import { organizationRoutes } from '@/pages/organization/routes';
import { repositoryRoutes } from '@/pages/repository/routes';
import { LoadingPage } from '@/components/States';
import { Component as ExplorePage } from '@/pages/explore/ExplorePage';
import { ErrorPage } from '@/pages/not-found/ErrorPage';
import { Component as NotFound } from '@/pages/not-found/NotFound';

export const router = createBrowserRouter(
  [
    {
      element: <Shell />,
      children: [
        {
          errorElement: <ErrorPage />,
          // The frame is there, and its search works, while the code of the page comes.
          hydrateFallbackElement: <LoadingPage />,
          children: [
            { index: true, Component: ExplorePage },
            { path: 'search', Component: ExplorePage },
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
