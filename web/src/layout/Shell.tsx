import { useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation } from 'react-router-dom';
import { useSetup } from '@/api/session';
import { Link } from '@/components/Link';
import { Header } from './Header';
import classes from './Shell.module.css';

// A server that has a name of its own says so.
function footerText(name: string, version: string): string {
  return `${name === 'Berth' ? '' : `${name} · `}Berth ${version}`;
}

// The frame of every page: header, content, footer.
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const first = useRef(true);
  const setup = useSetup();

  // A new page starts at its top for the keyboard and for screen readers too.
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <Header />
      <div>
        {setup?.announcement && (
          <p role="note" className={classes.announcement}>
            {setup.announcement}
          </p>
        )}
      </div>
      <main id="content" ref={main} tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <footer className={classes.footer}>
        <span>{setup ? footerText(setup.server_name, setup.version) : 'Berth'}</span>
        <Link to="/docs/api" size="sm">
          API
        </Link>
      </footer>
      <ScrollRestoration getKey={(location) => location.pathname} />
    </div>
  );
}
