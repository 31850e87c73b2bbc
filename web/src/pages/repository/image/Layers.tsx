import type { Schemas } from '@/api/client';
import { CopyButton } from '@/components/CopyButton';
import { Link } from '@/components/Link';
import { formatBytes, shortDigest } from '@/lib/format';
import classes from './Image.module.css';

// BuildKit and the classic builder write the same instruction differently.
function splitInstruction(text: string): [string, string] {
  const plain = text
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/^RUN \/bin\/sh -c /, 'RUN ')
    .replace(/ # buildkit$/, '');
  const word = /^[A-Z]{3,12}(?=\s)/.exec(plain)?.[0];
  return word ? [word, plain.slice(word.length)] : ['', plain];
}

export function Layers({ image, filesPath }: { image: Schemas['ImageConfiguration']; filesPath: string }) {
  const greatest = Math.max(1, ...image.layers.map(({ size }) => size));
  return (
    <ol className={classes.layers}>
      {image.layers.map((layer) => {
        const [word, rest] = splitInstruction(layer.instruction);
        return (
          <li key={layer.index} className={classes.layer} data-empty={layer.digest ? undefined : true}>
            <span className={classes.number}>{layer.index + 1}</span>
            <code className={classes.instruction}>
              <b>{word}</b>
              {rest || layer.comment || 'unknown instruction'}
            </code>
            <span className={classes.size}>
              {layer.digest ? formatBytes(layer.size) : '—'}
              {layer.digest && (
                <span
                  className={classes.bar}
                  aria-hidden
                  style={{ width: `${Math.max(2, (layer.size / greatest) * 100)}%` }}
                />
              )}
            </span>
            <span className={classes.digest}>
              {layer.digest && (
                <>
                  <Link
                    to={`${filesPath}?layer=${encodeURIComponent(layer.digest)}`}
                    size="sm"
                    title="Files of this layer"
                  >
                    <code>{shortDigest(layer.digest)}</code>
                  </Link>
                  <CopyButton value={layer.digest} label="Copy digest" />
                </>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
