import { CloseButton } from '@mantine/core';
import { CopyButton } from '@/components/CopyButton';
import { Query } from '@/components/Query';
import { formatBytes, shortDigest } from '@/lib/format';
import { useFile, type Source } from './queries';
import classes from './Files.module.css';

// The text of one file; binary files only say what they are.
export function FilePreview({
  source,
  path,
  onClose,
}: {
  source: Source;
  path: string;
  onClose: () => void;
}) {
  const query = useFile(source, path);
  return (
    <section className={classes.preview} aria-label={`Preview of ${path}`}>
      <header className={classes.previewHead}>
        <code className={classes.previewPath}>{path}</code>
        <CopyButton value={path} label="Copy path" />
        <CloseButton size="sm" aria-label="Close preview" onClick={onClose} />
      </header>
      <Query query={query}>
        {(answer) =>
          answer.ready ? (
            <>
              <p className={classes.note}>
                {formatBytes(answer.data.size)}, {answer.data.mime_type || 'unknown type'}, from layer{' '}
                <code>{shortDigest(answer.data.layer)}</code>
              </p>
              {answer.data.binary ? (
                <p className={classes.note}>A binary file: no preview.</p>
              ) : (
                // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
                <pre className={classes.text} tabIndex={0}>
                  {answer.data.text}
                </pre>
              )}
              {answer.data.truncated && <p className={classes.note}>Only the beginning is shown.</p>}
            </>
          ) : (
            <p className={classes.note}>Reading the layers…</p>
          )
        }
      </Query>
    </section>
  );
}
