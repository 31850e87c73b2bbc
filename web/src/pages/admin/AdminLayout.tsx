import {
  IconActivity,
  IconAdjustments,
  IconBuilding,
  IconChartBar,
  IconHistory,
  IconLicense,
  IconListCheck,
  IconMail,
  IconRecycle,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import { Outlet } from 'react-router-dom';
import { RequireSession } from '@/components/RequireSession';
import { SideNav } from '@/components/SideNav';
import { Failure } from '@/components/States';

const icon = { size: 17, 'aria-hidden': true } as const;
const items = [
  { to: '/admin', label: 'Health', icon: <IconActivity {...icon} />, end: true },
  { to: '/admin/users', label: 'Users', icon: <IconUsers {...icon} /> },
  { to: '/admin/organizations', label: 'Organizations', icon: <IconBuilding {...icon} /> },
  { to: '/admin/plans', label: 'Plans', icon: <IconLicense {...icon} /> },
  { to: '/admin/server', label: 'Settings and limits', icon: <IconAdjustments {...icon} /> },
  { to: '/admin/storage', label: 'Storage', icon: <IconChartBar {...icon} /> },
  { to: '/admin/garbage', label: 'Garbage', icon: <IconRecycle {...icon} /> },
  { to: '/admin/jobs', label: 'Jobs', icon: <IconListCheck {...icon} /> },
  { to: '/admin/audit', label: 'Audit log', icon: <IconHistory {...icon} /> },
  { to: '/admin/mail', label: 'Mail', icon: <IconMail {...icon} /> },
  { to: '/admin/configuration', label: 'Configuration', icon: <IconSettings {...icon} /> },
];

export function Component() {
  return (
    <RequireSession>
      {({ user }) =>
        user.is_admin ? (
          <SideNav label="Administration" items={items}>
            <Outlet />
          </SideNav>
        ) : (
          <Failure error={new Error('These pages are for administrators of this server.')} />
        )
      }
    </RequireSession>
  );
}
