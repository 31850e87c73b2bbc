import { useLayoutEffect, useRef } from 'react';
import { useLocation } from 'react-router-dom';

// For a bar of links that scrolls sideways on a narrow screen: brings the link of this page into sight.
export function useShowCurrent() {
  const bar = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useLayoutEffect(() => {
    const link = bar.current?.querySelector('[aria-current=page]');
    if (!bar.current || !link) return;
    const frame = bar.current.getBoundingClientRect();
    const place = link.getBoundingClientRect();
    bar.current.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
  }, [pathname]);
  return bar;
}
