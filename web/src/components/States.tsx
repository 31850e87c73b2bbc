// What a page shows instead of data: loading, empty, failed.
import { Button, Loader, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isStatus, messageOf } from '@/api/errors';
import { CommandBox } from './CommandBox';
import classes from './States.module.css';

export function LoadingRows({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return (
    <div role="status" aria-label="Loading" className={classes.rows}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} />
      ))}
    </div>
  );
}

export function LoadingPage() {
  return (
    <div role="status" aria-label="Loading" className={classes.page}>
      <Loader size="sm" />
    </div>
  );
}

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  commands?: string[];
  action?: ReactNode;
}

// Nothing there yet: says why and what to do next, with the commands to type.
export function Empty({ icon, title, children, commands = [], action }: EmptyProps) {
  return (
    <section className={classes.empty}>
      {icon && (
        <span className={classes.icon} aria-hidden>
          {icon}
        </span>
      )}
      <h2 className={classes.title}>{title}</h2>
      {children && <div className={classes.text}>{children}</div>}
      {commands.length > 0 && (
        <div className={classes.commands}>
          {commands.map((command) => (
            <CommandBox key={command} command={command} />
          ))}
        </div>
      )}
      {action}
    </section>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const title = isStatus(error, 403)
    ? 'Not allowed'
    : isStatus(error, 404)
      ? 'Not found'
      : 'That did not work';
  return (
    <section className={classes.empty} role="alert">
      <span className={classes.icon} aria-hidden>
        <IconAlertTriangle size={28} />
      </span>
      <h2 className={classes.title}>{title}</h2>
      <p className={classes.text}>{messageOf(error)}</p>
      {retry && (
        <Button variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </section>
  );
}
