import { Progress } from '@mantine/core';
import type { IndexProgress as Data } from '@/api/client';
import { formatBytes } from '@/lib/format';
import { Empty } from './States';

// Shown while the layers of an image are read for the first time.
export function IndexProgress({ progress }: { progress: Data }) {
  if (progress.state === 'failed') {
    return (
      <Empty title="This image cannot be opened">{progress.reason || 'Its layers cannot be read.'}</Empty>
    );
  }
  const share = progress.bytes_total > 0 ? (progress.bytes_done / progress.bytes_total) * 100 : 0;
  return (
    <Empty title="Reading the layers">
      <p role="status">
        Layer {Math.min(progress.layers_done + 1, progress.layers_total)} of {progress.layers_total},{' '}
        {formatBytes(progress.bytes_done)} of {formatBytes(progress.bytes_total)}. This happens once for each
        layer.
      </p>
      <Progress value={share} aria-label="Layers read" animated />
    </Empty>
  );
}
