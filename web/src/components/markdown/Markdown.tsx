import { lazy, Suspense } from 'react';
import { LoadingRows } from '@/components/States';

const MarkdownText = lazy(() => import('./MarkdownText'));

// Markdown of users, rendered harmless. The renderer is loaded when there is something to render.
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<LoadingRows rows={3} height={18} />}>
      <MarkdownText text={text} />
    </Suspense>
  );
}
