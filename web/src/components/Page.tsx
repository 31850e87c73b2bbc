import type { ReactNode } from 'react';
import classes from './Page.module.css';

interface Props {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

// A page's heading, its actions and its content.
export function Page({ title, description, actions, children }: Props) {
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div>
          <h1 className={classes.title}>{title}</h1>
          {description && <p className={classes.description}>{description}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

// A bordered part of a page with a heading of its own.
export function Section({ title, description, actions, children }: Props) {
  return (
    <section className={classes.section}>
      <header className={classes.header}>
        <div>
          <h2 className={classes.sectionTitle}>{title}</h2>
          {description && <p className={classes.description}>{description}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
