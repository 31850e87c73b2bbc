import { CopyButton } from './CopyButton';
import classes from './CommandBox.module.css';

// A command to type, with a button that copies it.
export function CommandBox({ command, label = 'Copy command' }: { command: string; label?: string }) {
  return (
    <div className={classes.box}>
      {/* Long commands scroll, and must be reachable by keyboard then. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={classes.text} tabIndex={0}>
        {command}
      </pre>
      <CopyButton value={command} label={label} />
    </div>
  );
}
