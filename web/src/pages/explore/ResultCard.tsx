import { IconArchive, IconCloudDownload, IconStar } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import type { Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { Avatar } from '@/components/Avatar';
import { TrustBadge } from '@/components/TrustBadge';
import { formatCompact } from '@/lib/format';
import { parseName, repositoryPath, shortName } from '@/lib/names';
import classes from './ResultCard.module.css';

export function ResultCard({ result }: { result: Schemas['SearchV4Result'] }) {
  const repository = parseName(result.name);
  const name = shortName(repository);
  return (
    <li className={classes.card}>
      <Avatar name={repository.name} size={44} logo={result.logo_url.small} />
      <div className={classes.body}>
        <div className={classes.line}>
          <h2 className={classes.name}>
            <Link to={repositoryPath(repository)}>{name}</Link>
          </h2>
          <TrustBadge badge={result.badge} />
          {result.archived && (
            <span className={classes.fact}>
              <IconArchive size={14} aria-hidden /> Archived
            </span>
          )}
        </div>
        {result.short_description && <p className={classes.description}>{result.short_description}</p>}
        <div className={classes.facts}>
          {result.badge !== 'official' && <span>by {result.publisher.name}</span>}
          <span>
            updated <Ago time={result.updated_at} />
          </span>
          {result.architectures.length > 0 && (
            <span>{result.architectures.map(({ label }) => label).join(', ')}</span>
          )}
          {result.categories.map((category) => (
            <span key={category.slug} className={classes.category}>
              {category.name}
            </span>
          ))}
        </div>
      </div>
      <dl className={classes.numbers}>
        <div>
          <dt title="Pulls">
            <IconCloudDownload size={15} aria-label="Pulls" role="img" />
          </dt>
          <dd>{result.pull_count}</dd>
        </div>
        <div>
          <dt title="Stars">
            <IconStar size={15} aria-label="Stars" role="img" />
          </dt>
          <dd>{formatCompact(result.star_count)}</dd>
        </div>
      </dl>
    </li>
  );
}
