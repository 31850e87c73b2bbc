import type { ReactNode } from 'react';
import { NavLink } from 'react-router-dom';
import { useShowCurrent } from '@/lib/useShowCurrent';
import classes from './SideNav.module.css';

export interface SideNavItem {
  to: string;
  label: string;
  icon?: ReactNode;
  end?: boolean;
}

// An area's pages beside its content; above it on a phone.
export function SideNav({
  label,
  items,
  children,
}: {
  label: string;
  items: SideNavItem[];
  children: ReactNode;
}) {
  const bar = useShowCurrent();
  return (
    <div className={classes.frame}>
      <nav ref={bar} aria-label={label} className={classes.nav}>
        {items.map(({ to, label: text, icon, end }) => (
          <NavLink key={to} to={to} end={end} className={classes.link}>
            {icon}
            {text}
          </NavLink>
        ))}
      </nav>
      <div className={classes.content}>{children}</div>
    </div>
  );
}
