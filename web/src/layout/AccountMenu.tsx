import { Button, Menu, UnstyledButton } from '@mantine/core';
import {
  IconBuilding,
  IconDeviceLaptop,
  IconLogout,
  IconPackages,
  IconPlus,
  IconServerCog,
  IconSettings,
} from '@tabler/icons-react';
import { Link, useLocation, useNavigate } from 'react-router-dom';
import { useSession, useSetup, useSignOut } from '@/api/session';
import { Avatar } from '@/components/Avatar';
import { namespacePath } from '@/lib/names';
import classes from './AccountMenu.module.css';

function SignInButtons() {
  const setup = useSetup();
  const { pathname, search } = useLocation();
  const back =
    pathname === '/' || pathname.startsWith('/sign') ? '' : `?next=${encodeURIComponent(pathname + search)}`;
  return (
    <>
      <Button
        component={Link}
        to={`/signin${back}`}
        variant={setup?.sign_up === 'open' ? 'default' : 'filled'}
        size="sm"
      >
        Sign in
      </Button>
      {setup?.sign_up === 'open' && (
        <Button component={Link} to="/signup" size="sm" className={classes.signUp}>
          Sign up
        </Button>
      )}
    </>
  );
}

export function AccountMenu() {
  const session = useSession();
  const signOut = useSignOut();
  const navigate = useNavigate();
  if (session === undefined) return <span aria-hidden style={{ width: 72 }} />;
  if (session === null) return <SignInButtons />;

  const { user, organizations } = session;
  return (
    <Menu position="bottom-end" width={230} withArrow>
      <Menu.Target>
        <UnstyledButton
          aria-label={`Account menu of ${user.username}`}
          style={{ lineHeight: 0, borderRadius: 8 }}
        >
          <Avatar name={user.username} size={32} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.username}</Menu.Label>
        <Menu.Item
          component={Link}
          to={namespacePath(user.username)}
          leftSection={<IconPackages size={16} />}
        >
          My repositories
        </Menu.Item>
        <Menu.Item component={Link} to="/repositories/create" leftSection={<IconPlus size={16} />}>
          Create repository
        </Menu.Item>
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>
          Account settings
        </Menu.Item>
        <Menu.Item component={Link} to="/activate" leftSection={<IconDeviceLaptop size={16} />}>
          Approve a device
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Organizations</Menu.Label>
        {organizations.map((organization) => (
          <Menu.Item
            key={organization.orgname}
            component={Link}
            to={namespacePath(organization.orgname)}
            leftSection={<IconBuilding size={16} />}
          >
            {organization.orgname}
          </Menu.Item>
        ))}
        <Menu.Item component={Link} to="/orgs/create" leftSection={<IconPlus size={16} />}>
          Create organization
        </Menu.Item>
        {user.is_admin && (
          <>
            <Menu.Divider />
            <Menu.Item component={Link} to="/admin" leftSection={<IconServerCog size={16} />}>
              Administration
            </Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} />}
          onClick={() => signOut.mutate(undefined, { onSettled: () => navigate('/') })}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
