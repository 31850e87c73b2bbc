import { Button, NativeSelect, TextInput } from '@mantine/core';
import {
  IconBuilding,
  IconLink,
  IconMapPin,
  IconPackages,
  IconPlus,
  IconSearch,
  IconSettings,
} from '@tabler/icons-react';
import { useState } from 'react';
import { Link as RouterLink, useParams } from 'react-router-dom';
import { roleIn, useRegistryHost, useSession } from '@/api/session';
import type { Schemas } from '@/api/client';
import { Avatar } from '@/components/Avatar';
import { Empty, Failure, LoadingPage, LoadingRows } from '@/components/States';
import { formatDay, plural } from '@/lib/format';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import { RepositoryCard } from './RepositoryCard';
import { useAccount, useRepositories, type Ordering } from './queries';
import classes from './NamespacePage.module.css';

function Profile({ namespace, account }: { namespace: string; account: Schemas['Account'] }) {
  const session = useSession();
  const role = roleIn(session, namespace);
  const organization = account.type === 'Organization';
  return (
    <header className={classes.profile}>
      <Avatar name={namespace} size={64} />
      <div className={classes.who}>
        <h1 className={classes.name}>{namespace}</h1>
        {account.full_name && <p className={classes.full}>{account.full_name}</p>}
        <p className={classes.facts}>
          <span>
            {organization ? 'Organization since' : 'Joined'} {formatDay(account.date_joined)}
          </span>
          {account.company && (
            <span>
              <IconBuilding size={14} aria-hidden /> {account.company}
            </span>
          )}
          {account.location && (
            <span>
              <IconMapPin size={14} aria-hidden /> {account.location}
            </span>
          )}
          {/^https?:\/\//.test(account.profile_url) && (
            <a href={account.profile_url} rel="nofollow noopener noreferrer" target="_blank">
              <IconLink size={14} aria-hidden /> {account.profile_url.replace(/^https?:\/\//, '')}
            </a>
          )}
        </p>
      </div>
      <div className={classes.actions}>
        {organization && role && (
          <Button
            component={RouterLink}
            to={`/orgs/${namespace}`}
            variant="default"
            leftSection={<IconSettings size={16} />}
          >
            Organization
          </Button>
        )}
        {role && role !== 'member' && (
          <Button
            component={RouterLink}
            to={`/repositories/create?namespace=${encodeURIComponent(namespace)}`}
            leftSection={<IconPlus size={16} />}
          >
            Create repository
          </Button>
        )}
      </div>
    </header>
  );
}

function NoRepositories({ namespace, own }: { namespace: string; own: boolean }) {
  const host = useRegistryHost();
  if (!own) return <Empty icon={<IconPackages size={32} />} title="No public repositories" />;
  return (
    <Empty
      icon={<IconPackages size={32} />}
      title="No repositories yet"
      commands={[
        `docker login ${host}`,
        `docker tag IMAGE ${host}/${namespace}/IMAGE:latest`,
        `docker push ${host}/${namespace}/IMAGE:latest`,
      ]}
    >
      Pushing an image creates its repository.
    </Empty>
  );
}

export function Component() {
  const { namespace = '' } = useParams();
  usePageTitle(namespace);
  const session = useSession();
  const [text, setText] = useState('');
  const [ordering, setOrdering] = useState<Ordering>('last_updated');
  const name = useDebounced(text.trim());
  const account = useAccount(namespace);
  const repositories = useRepositories(namespace, { name, ordering });
  const rows = repositories.data?.pages.flatMap((page) => page.results) ?? [];
  const count = repositories.data?.pages[0]?.count ?? rows.length;

  if (account.isPending) return <LoadingPage />;
  if (account.isError) return <Failure error={account.error} />;
  return (
    <div className={classes.page}>
      <Profile namespace={namespace} account={account.data} />
      <div className={classes.bar}>
        <TextInput
          type="search"
          aria-label="Find a repository"
          placeholder="Find a repository"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          className={classes.find}
        />
        <NativeSelect
          aria-label="Sort by"
          value={ordering}
          onChange={(event) => setOrdering(event.currentTarget.value as Ordering)}
          data={[
            { value: 'last_updated', label: 'Recently updated' },
            { value: 'name', label: 'Name' },
            { value: 'pull_count', label: 'Most pulled' },
          ]}
        />
        <p role="status" className={classes.count}>
          {repositories.isSuccess && plural(count, 'repository', 'repositories')}
        </p>
      </div>
      {repositories.isPending && <LoadingRows height={76} />}
      {repositories.isError && (
        <Failure error={repositories.error} retry={() => void repositories.refetch()} />
      )}
      {repositories.isSuccess && rows.length === 0 && !name && (
        <NoRepositories namespace={namespace} own={roleIn(session, namespace) !== null} />
      )}
      {repositories.isSuccess && rows.length === 0 && name && (
        <Empty icon={<IconSearch size={30} />} title={`No repository matches “${name}”`} />
      )}
      {rows.length > 0 && (
        <ul className={classes.list}>
          {rows.map((row) => (
            <RepositoryCard key={row.name} repository={row} />
          ))}
        </ul>
      )}
      {repositories.hasNextPage && (
        <Button
          variant="default"
          loading={repositories.isFetchingNextPage}
          onClick={() => void repositories.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </div>
  );
}
