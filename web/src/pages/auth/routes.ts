import type { RouteObject } from 'react-router-dom';

export const authRoutes: RouteObject[] = [
  { path: 'signin', lazy: () => import('./SignInPage') },
  { path: 'signup', lazy: () => import('./SignUpPage') },
  { path: 'reset-password', lazy: () => import('./ResetPasswordPage') },
  { path: 'verify-email', lazy: () => import('./VerifyEmailPage') },
  { path: 'invitations/:token', lazy: () => import('./InvitationPage') },
];
