import { NavLink as RouterNavLink } from 'react-router-dom';
import { useSession } from '@/api/session';
import logo from '@/assets/logo.svg';
import { AccountMenu } from './AccountMenu';
import { ColorSchemeButton } from './ColorSchemeButton';
import { NotificationsButton } from './NotificationsButton';
import { SearchBox } from './SearchBox';
import classes from './Header.module.css';

export function Header() {
  const session = useSession();
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <RouterNavLink to="/" className={classes.brand} aria-label="Berth, explore images">
          <img src={logo} width={28} height={28} alt="" />
          <span className={classes.word}>Berth</span>
        </RouterNavLink>
        <SearchBox />
        <nav className={classes.nav} aria-label="Main">
          <RouterNavLink to="/" end className={classes.link}>
            Explore
          </RouterNavLink>
          {session && (
            <RouterNavLink to={`/u/${session.user.username}`} className={classes.link}>
              My repositories
            </RouterNavLink>
          )}
          {session?.user.is_admin && (
            <RouterNavLink to="/admin" className={classes.link}>
              Administration
            </RouterNavLink>
          )}
        </nav>
        <div className={classes.tools}>
          {session && <NotificationsButton unread={session.unread_notifications} />}
          <ColorSchemeButton />
          <AccountMenu />
        </div>
      </div>
    </header>
  );
}
