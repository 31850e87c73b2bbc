import { IconChartBar, IconDevices, IconKey, IconLock, IconUser } from '@tabler/icons-react';
import { Outlet } from 'react-router-dom';
import { RequireSession } from '@/components/RequireSession';
import { SideNav } from '@/components/SideNav';

const items = [
  { to: '/settings', label: 'Profile', icon: <IconUser size={17} aria-hidden />, end: true },
  { to: '/settings/security', label: 'Security', icon: <IconLock size={17} aria-hidden /> },
  { to: '/settings/tokens', label: 'Access tokens', icon: <IconKey size={17} aria-hidden /> },
  { to: '/settings/sessions', label: 'Sessions', icon: <IconDevices size={17} aria-hidden /> },
  { to: '/settings/storage', label: 'Storage and plan', icon: <IconChartBar size={17} aria-hidden /> },
];

export function Component() {
  return (
    <RequireSession>
      {(session) => (
        <SideNav label="Account" items={items}>
          <Outlet context={session} />
        </SideNav>
      )}
    </RequireSession>
  );
}
