import { lazy, Suspense, useSyncExternalStore } from 'react';
import { onFirstToast, toastsWanted } from './show';

const Toasts = lazy(() => import('./Toasts'));

// Where messages appear; nothing is loaded before there is one.
export function ToastHost() {
  const wanted = useSyncExternalStore(onFirstToast, toastsWanted);
  if (!wanted) return null;
  return (
    <Suspense>
      <Toasts />
    </Suspense>
  );
}
