import type { ReactNode } from 'react';
import logo from '@/assets/logo.svg';
import classes from './AuthCard.module.css';

// The narrow card of the pages around signing in.
export function AuthCard({
  title,
  children,
  footer,
}: {
  title: string;
  children: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <div className={classes.card}>
      <img src={logo} width={44} height={44} alt="" />
      <h1 className={classes.title}>{title}</h1>
      <div className={classes.body}>{children}</div>
      {footer && <p className={classes.footer}>{footer}</p>}
    </div>
  );
}
