import { ActionIcon } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import type { Session } from '@/api/session';
import classes from './Header.module.css';

const NavigationDrawer = lazy(() => import('./NavigationDrawer'));

// Opens the main navigation where the bar has no room for it.
export function NavigationButton({ session }: { session: Session | null | undefined }) {
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  const open = () => {
    setWanted(true);
    setOpened(true);
  };
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Menu"
        aria-expanded={opened}
        className={classes.menu}
        onClick={open}
      >
        <IconMenu2 size={20} />
      </ActionIcon>
      {wanted && (
        <Suspense>
          <NavigationDrawer session={session} opened={opened} onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
