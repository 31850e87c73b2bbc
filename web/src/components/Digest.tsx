import { CopyButton } from './CopyButton';
import { shortDigest } from '@/lib/format';
import classes from './Digest.module.css';

// A digest, shortened, that copies whole.
export function Digest({ value, full = false }: { value: string; full?: boolean }) {
  return (
    <span className={classes.digest}>
      <code title={value} className={full ? classes.full : undefined}>
        {full ? value : shortDigest(value)}
      </code>
      <CopyButton value={value} label="Copy digest" />
    </span>
  );
}
