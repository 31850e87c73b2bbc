import { Drawer } from '@mantine/core';
import { NavLink } from 'react-router-dom';
import type { Session } from '@/api/session';
import { namespacePath } from '@/lib/names';
import { accountPlaces, mainPlaces, type Place } from './navigation';
import classes from './NavigationDrawer.module.css';

interface Props {
  session: Session | null | undefined;
  opened: boolean;
  onClose: () => void;
}

function Places({ title, places, onClose }: { title?: string; places: Place[]; onClose: () => void }) {
  if (places.length === 0) return null;
  return (
    <>
      {title && <h2 className={classes.title}>{title}</h2>}
      <ul className={classes.places}>
        {places.map(({ to, label, end }) => (
          <li key={to}>
            <NavLink to={to} end={end} className={classes.place} onClick={onClose}>
              {label}
            </NavLink>
          </li>
        ))}
      </ul>
    </>
  );
}

// The main navigation of a narrow screen.
export default function NavigationDrawer({ session, opened, onClose }: Props) {
  const organizations = session?.organizations.map(({ orgname }) => ({
    to: namespacePath(orgname),
    label: orgname,
  }));
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size="min(300px, 84vw)"
      title="Menu"
      closeButtonProps={{ 'aria-label': 'Close menu' }}
    >
      <nav aria-label="Main">
        <Places places={mainPlaces(session)} onClose={onClose} />
        {session && <Places title="Account" places={accountPlaces} onClose={onClose} />}
        {organizations && <Places title="Organizations" places={organizations} onClose={onClose} />}
        <Places title="For developers" places={[{ to: '/docs/api', label: 'API' }]} onClose={onClose} />
      </nav>
    </Drawer>
  );
}
