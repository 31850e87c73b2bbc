import {
  IconChartBar,
  IconHistory,
  IconKey,
  IconPlugConnected,
  IconSettings,
  IconUsers,
  IconUserShield,
  IconUsersGroup,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from 'react-router-dom';
import { api, call } from '@/api/client';
import { Avatar } from '@/components/Avatar';
import { Link } from '@/components/Link';
import { Query } from '@/components/Query';
import { RequireSession } from '@/components/RequireSession';
import { SideNav } from '@/components/SideNav';
import { Failure, LoadingPage } from '@/components/States';
import { namespacePath } from '@/lib/names';
import { useOrganization } from './useOrganization';
import classes from './Organization.module.css';

function Frame() {
  const { org, role, isOwner, path } = useOrganization();
  const organization = useQuery({
    queryKey: ['organization', org],
    queryFn: () => call(api.GET('/v2/orgs/{org_name}', { params: { path } })),
  });
  const base = `/orgs/${encodeURIComponent(org)}`;
  const items = [
    { to: base, label: 'Members', icon: <IconUsers size={17} aria-hidden />, end: true },
    { to: `${base}/teams`, label: 'Teams', icon: <IconUsersGroup size={17} aria-hidden /> },
    ...(isOwner || role === 'custom'
      ? [
          { to: `${base}/roles`, label: 'Roles', icon: <IconUserShield size={17} aria-hidden /> },
          { to: `${base}/tokens`, label: 'Access tokens', icon: <IconKey size={17} aria-hidden /> },
          { to: `${base}/audit`, label: 'Audit log', icon: <IconHistory size={17} aria-hidden /> },
          { to: `${base}/usage`, label: 'Plan and usage', icon: <IconChartBar size={17} aria-hidden /> },
          ...(isOwner
            ? [{ to: `${base}/scim`, label: 'SCIM', icon: <IconPlugConnected size={17} aria-hidden /> }]
            : []),
          { to: `${base}/settings`, label: 'Settings', icon: <IconSettings size={17} aria-hidden /> },
        ]
      : []),
  ];
  if (role === null) return <Failure error={new Error('Only members see the inside of an organization.')} />;
  return (
    <Query query={organization} loading={<LoadingPage />}>
      {(data) => (
        <div className={classes.layout}>
          <div className={classes.head}>
            <Avatar name={org} size={40} />
            <div>
              <Link to={namespacePath(org)} className={classes.name}>
                {org}
              </Link>
              {data.full_name && <p className={classes.full}>{data.full_name}</p>}
            </div>
          </div>
          <SideNav label="Organization" items={items}>
            <Outlet />
          </SideNav>
        </div>
      )}
    </Query>
  );
}

export function Component() {
  return <RequireSession>{() => <Frame />}</RequireSession>;
}
