import { IconArchive, IconCloudDownload, IconLock, IconStar } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import type { Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { TrustBadge } from '@/components/TrustBadge';
import { formatBytes, formatCompact } from '@/lib/format';
import { repositoryPath } from '@/lib/names';
import classes from './RepositoryCard.module.css';

export function RepositoryCard({ repository }: { repository: Schemas['RepositoryListEntry'] }) {
  return (
    <li className={classes.card}>
      <div className={classes.body}>
        <div className={classes.line}>
          <Link to={repositoryPath(repository)} className={classes.name}>
            {repository.name}
          </Link>
          <TrustBadge badge={repository.badge} />
          {repository.is_private && (
            <span className={classes.fact}>
              <IconLock size={14} aria-hidden /> Private
            </span>
          )}
          {repository.status === 0 && (
            <span className={classes.fact}>
              <IconArchive size={14} aria-hidden /> Archived
            </span>
          )}
        </div>
        {repository.description && <p className={classes.description}>{repository.description}</p>}
      </div>
      <div className={classes.facts}>
        <span className={classes.fact} title="Pulls">
          <IconCloudDownload size={15} role="img" aria-label="Pulls" /> {formatCompact(repository.pull_count)}
        </span>
        <span className={classes.fact} title="Stars">
          <IconStar size={15} role="img" aria-label="Stars" /> {formatCompact(repository.star_count)}
        </span>
        <span className={classes.fact}>{formatBytes(repository.storage_size)}</span>
        <span className={classes.fact}>
          <Ago time={repository.last_updated} never="no push yet" />
        </span>
      </div>
    </li>
  );
}
