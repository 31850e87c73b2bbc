import { useRouteError } from 'react-router-dom';
import { Failure } from '@/components/States';

// A page that could not be loaded or drawn: usually the server was updated since this tab was opened.
export function ErrorPage() {
  const error = useRouteError();
  const stale = error instanceof TypeError && /import/i.test(error.message);
  return (
    <Failure
      error={
        stale
          ? new Error('This page could not be loaded. The server may have been updated; load it again.')
          : error
      }
      retry={() => window.location.reload()}
    />
  );
}
