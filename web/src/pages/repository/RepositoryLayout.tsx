import { IconArchive, IconCloudDownload, IconLock } from '@tabler/icons-react';
import { Link, NavLink, Outlet, useLocation } from 'react-router-dom';
import { Ago } from '@/components/Ago';
import { Avatar } from '@/components/Avatar';
import { Failure, LoadingPage } from '@/components/States';
import { TrustBadge } from '@/components/TrustBadge';
import { formatCompact, formatNumber } from '@/lib/format';
import { namespacePath, repositoryPath, shortName } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { useShowCurrent } from '@/lib/useShowCurrent';
import { StarButton } from './StarButton';
import { useRepository, useRepositoryId, type Repository } from './queries';
import classes from './RepositoryLayout.module.css';

function Header({ repository }: { repository: Repository }) {
  const { namespace, name } = repository;
  return (
    <header className={classes.header}>
      <Avatar name={name} size={56} logo={repository.logo_url.large} />
      <div className={classes.what}>
        <h1 className={classes.name}>
          {namespace !== 'library' && (
            <>
              <Link to={namespacePath(namespace)} className={classes.namespace}>
                {namespace}
              </Link>
              <span className={classes.slash}>/</span>
            </>
          )}
          <Link to={repositoryPath(repository)}>{name}</Link>
        </h1>
        {repository.description && <p className={classes.description}>{repository.description}</p>}
        <p className={classes.facts}>
          <TrustBadge badge={repository.badge} />
          {repository.is_private && (
            <span>
              <IconLock size={14} aria-hidden /> Private
            </span>
          )}
          {repository.status === 0 && (
            <span>
              <IconArchive size={14} aria-hidden /> Archived, read only
            </span>
          )}
          <span title={`${formatNumber(repository.pull_count)} pulls`}>
            <IconCloudDownload size={14} aria-hidden /> {formatCompact(repository.pull_count)} pulls
          </span>
          <span>
            Updated <Ago time={repository.last_updated} />
          </span>
        </p>
      </div>
      <StarButton repository={repository} />
    </header>
  );
}

function TabLinks({ repository }: { repository: Repository }) {
  const base = repositoryPath(repository);
  const { pathname } = useLocation();
  const bar = useShowCurrent();
  const tabs = [
    { to: base, label: 'Overview', end: true },
    { to: `${base}/tags`, label: 'Tags', active: pathname.startsWith(`${base}/images/`) },
    { to: `${base}/compare`, label: 'Compare' },
    { to: `${base}/storage`, label: 'Storage' },
    ...(repository.permissions.admin ? [{ to: `${base}/settings`, label: 'Settings' }] : []),
  ];
  return (
    <nav ref={bar} className={classes.tabs} aria-label="Repository">
      {tabs.map(({ to, label, end, active }) => (
        <NavLink
          key={to}
          to={to}
          end={end}
          className={({ isActive }) => (isActive || active ? classes.active : classes.tab)}
        >
          {label}
        </NavLink>
      ))}
    </nav>
  );
}

export function Component() {
  const id = useRepositoryId();
  const query = useRepository(id);
  usePageTitle(shortName(id));
  if (query.isPending) return <LoadingPage />;
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return (
    <div className={classes.layout}>
      <Header repository={query.data} />
      <TabLinks repository={query.data} />
      <Outlet context={query.data} />
    </div>
  );
}
