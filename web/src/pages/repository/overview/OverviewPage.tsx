import { IconFileText, IconPackage } from '@tabler/icons-react';
import { Button } from '@mantine/core';
import { Link as RouterLink } from 'react-router-dom';
import { useRegistryHost } from '@/api/session';
import { Ago } from '@/components/Ago';
import { CommandBox } from '@/components/CommandBox';
import { Facts } from '@/components/Facts';
import { Link } from '@/components/Link';
import { Markdown } from '@/components/markdown/Markdown';
import { Empty } from '@/components/States';
import { formatBytes } from '@/lib/format';
import { imageReference, repositoryPath, tagPath } from '@/lib/names';
import { useRepositoryContext, useTagRows, type Repository } from '../queries';
import classes from './Overview.module.css';

function Readme({ repository }: { repository: Repository }) {
  if (repository.full_description.trim()) {
    return (
      <article className={classes.readme}>
        <Markdown text={repository.full_description} />
      </article>
    );
  }
  return (
    <Empty
      icon={<IconFileText size={32} />}
      title="No description yet"
      action={
        repository.permissions.admin ? (
          <Button component={RouterLink} to={`${repositoryPath(repository)}/settings`} variant="default">
            Write one
          </Button>
        ) : undefined
      }
    >
      {repository.permissions.admin
        ? 'A README tells people what the image is for and how to run it.'
        : 'Its owner has not described this image.'}
    </Empty>
  );
}

function RecentTags({ repository }: { repository: Repository }) {
  const tags = useTagRows(repository, { name: '', sort: '-pushed' });
  const rows = tags.data?.pages[0]?.items.slice(0, 6) ?? [];
  if (rows.length === 0) return null;
  return (
    <section className={classes.box}>
      <h2 className={classes.title}>Recent tags</h2>
      <ul className={classes.tags}>
        {rows.map((row) => (
          <li key={row.name}>
            <Link to={tagPath(repository, row.name)} className={classes.tag}>
              {row.name}
            </Link>
            <span className={classes.dim}>
              <Ago time={row.pushed_at} />
            </span>
          </li>
        ))}
      </ul>
      <Link to={`${repositoryPath(repository)}/tags`} size="sm">
        All tags ({tags.data?.pages[0]?.total})
      </Link>
    </section>
  );
}

function immutableText({ immutable_tags_settings: { enabled, rules } }: Repository) {
  if (!enabled) return null;
  return rules.length === 0 ? 'all' : rules.map((rule) => <code key={rule}>{rule} </code>);
}

function Push({ repository }: { repository: Repository }) {
  const host = useRegistryHost();
  return (
    <Empty
      icon={<IconPackage size={32} />}
      title="Nothing has been pushed yet"
      commands={
        repository.permissions.write
          ? [
              `docker login ${host}`,
              `docker tag IMAGE ${imageReference(host, repository, 'latest')}`,
              `docker push ${imageReference(host, repository, 'latest')}`,
            ]
          : []
      }
    >
      {repository.permissions.write
        ? 'Name a local image after this repository and push it.'
        : 'Come back later.'}
    </Empty>
  );
}

export function Component() {
  const repository = useRepositoryContext();
  const host = useRegistryHost();
  const tags = useTagRows(repository, { name: '', sort: '-pushed' });
  const first = tags.data?.pages[0];
  const newest =
    first?.items.find(({ name }) => name === 'latest')?.name ?? first?.items[0]?.name ?? 'latest';
  return (
    <div className={classes.page}>
      <div className={classes.main}>
        {first?.total === 0 && <Push repository={repository} />}
        {(first?.total !== 0 || repository.full_description.trim()) && <Readme repository={repository} />}
      </div>
      <aside className={classes.side} aria-label="About">
        {first?.total !== 0 && (
          <section className={classes.box}>
            <h2 className={classes.title}>Pull</h2>
            <CommandBox
              command={`docker pull ${imageReference(host, repository, newest)}`}
              label="Copy pull command"
            />
          </section>
        )}
        <RecentTags repository={repository} />
        <section className={classes.box}>
          <h2 className={classes.title}>About</h2>
          <Facts
            facts={[
              ['Size', formatBytes(repository.storage_size)],
              ['Created', <Ago key="created" time={repository.date_registered} />],
              ['Immutable tags', immutableText(repository)],
            ]}
          />
          {repository.categories.length > 0 && (
            <p className={classes.categories}>
              {repository.categories.map(({ slug, name }) => (
                <Link key={slug} to={`/search?categories=${slug}`} size="sm">
                  #{name}
                </Link>
              ))}
            </p>
          )}
        </section>
      </aside>
    </div>
  );
}
