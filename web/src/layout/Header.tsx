import { NavLink as RouterNavLink } from 'react-router-dom';
import { useSession } from '@/api/session';
import logo from '@/assets/logo.svg';
import { AccountMenu } from './AccountMenu';
import { ColorSchemeButton } from './ColorSchemeButton';
import { mainPlaces } from './navigation';
import { NavigationButton } from './NavigationButton';
import { NotificationsButton } from './NotificationsButton';
import { SearchBox } from './SearchBox';
import classes from './Header.module.css';

export function Header() {
  const session = useSession();
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <NavigationButton session={session} />
        <RouterNavLink to="/" className={classes.brand} aria-label="Berth, explore images">
          <img src={logo} width={28} height={28} alt="" />
          <span className={classes.word}>Berth</span>
        </RouterNavLink>
        <SearchBox />
        <nav className={classes.nav} aria-label="Main">
          {mainPlaces(session).map(({ to, label, end }) => (
            <RouterNavLink key={to} to={to} end={end} className={classes.link}>
              {label}
            </RouterNavLink>
          ))}
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
