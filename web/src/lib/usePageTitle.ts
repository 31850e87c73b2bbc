import { useEffect } from 'react';

// Names the page for the browser's tab, its history and screen readers.
export function usePageTitle(...parts: (string | undefined)[]) {
  const title = [...parts.filter(Boolean), 'Berth'].join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
