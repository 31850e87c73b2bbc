import { Button } from '@mantine/core';
import { IconArrowsDiff, IconFolderSearch, IconTag } from '@tabler/icons-react';
import { useState } from 'react';
import { Link as RouterLink, useParams, useSearchParams } from 'react-router-dom';
import type { Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { Digest } from '@/components/Digest';
import { Facts, type Fact } from '@/components/Facts';
import { Link } from '@/components/Link';
import { Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { formatBytes } from '@/lib/format';
import { imagePath, repositoryPath, shortName } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { PlatformSelect } from '../PlatformSelect';
import { useImage, useRepositoryContext, type Repository } from '../queries';
import { RetagDialog } from '../tags/RetagDialog';
import { Annotations, Configuration } from './Configuration';
import { Layers } from './Layers';
import { PullCommands } from './PullCommands';
import { Referrers } from './Referrers';
import classes from './Image.module.css';

type Image = Schemas['ImageDetails'];

function factsOf(image: Image): Fact[] {
  const platform = image.image?.digest;
  return [
    ['Digest', <Digest key="digest" value={image.digest} full />],
    [
      'This platform',
      platform && platform !== image.digest && <Digest key="platform" value={platform} full />,
    ],
    ['Size', formatBytes(image.image?.size ?? image.total_size)],
    [
      'Pushed',
      <span key="pushed">
        <Ago time={image.pushed_at} />
        {image.pushed_by && ` by ${image.pushed_by}`}
      </span>,
    ],
    ['Pulled', <Ago key="pulled" time={image.pulled_at} />],
    ['Type', <code key="type">{image.artifact_type || image.media_type}</code>],
  ];
}

function OtherTags({
  repository,
  image,
  reference,
}: {
  repository: Repository;
  image: Image;
  reference: string;
}) {
  const others = image.tags.filter((tag) => tag !== reference);
  if (others.length === 0) return null;
  return (
    <p className={classes.others}>
      Also tagged{' '}
      {others.slice(0, 12).map((tag) => (
        <Link key={tag} to={imagePath(repository, tag)} className={classes.tag}>
          {tag}
        </Link>
      ))}
      {others.length > 12 && ` and ${others.length - 12} more`}
    </p>
  );
}

function Contents({ repository, image, reference, platform }: Shown) {
  const [retagging, setRetagging] = useState(false);
  const [, setParams] = useSearchParams();
  const query = platform ? `?platform=${encodeURIComponent(platform)}` : '';
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>
          <Link to={`${repositoryPath(repository)}/tags`}>Tags</Link>
          <span aria-hidden> / </span>
          <span className="mono">{reference}</span>
        </h2>
        <PlatformSelect
          image={image}
          onChange={(value) => setParams({ platform: value }, { replace: true })}
        />
      </div>
      <div className={classes.actions}>
        {image.image && (
          <Button
            component={RouterLink}
            to={`${imagePath(repository, reference)}/files${query}`}
            size="sm"
            leftSection={<IconFolderSearch size={17} />}
          >
            Look inside
          </Button>
        )}
        {image.image && (
          <Button
            component={RouterLink}
            to={`${repositoryPath(repository)}/compare?base=${encodeURIComponent(reference)}`}
            variant="default"
            size="sm"
            leftSection={<IconArrowsDiff size={17} />}
          >
            Compare
          </Button>
        )}
        {repository.permissions.write && (
          <Button
            variant="default"
            size="sm"
            leftSection={<IconTag size={17} />}
            onClick={() => setRetagging(true)}
          >
            Add or move a tag
          </Button>
        )}
      </div>
      <Facts facts={factsOf(image)} />
      <OtherTags repository={repository} image={image} reference={reference} />
      <PullCommands
        repository={repository}
        reference={reference}
        digest={image.digest}
        artifact={image.kind === 'artifact'}
      />
      {image.image && (
        <Section title="Layers" description="What each instruction of the Dockerfile added.">
          <Layers image={image.image} filesPath={`${imagePath(repository, reference)}/files`} />
        </Section>
      )}
      {image.image && (
        <Section title="Configuration">
          <Configuration configuration={image.image} />
        </Section>
      )}
      <Annotations title="Annotations" values={image.annotations} />
      <Section title="Signatures, SBOMs and attestations" description="Artifacts that refer to this image.">
        <Referrers repository={repository} reference={image.digest} />
      </Section>
      <RetagDialog
        repository={repository}
        source={retagging ? reference : null}
        onClose={() => setRetagging(false)}
      />
    </>
  );
}

interface Shown {
  repository: Repository;
  image: Image;
  reference: string;
  platform: string | undefined;
}

// A tag, or an image by digest.
export function Component() {
  const repository = useRepositoryContext();
  const { reference = '' } = useParams();
  const [params] = useSearchParams();
  const platform = params.get('platform') ?? undefined;
  usePageTitle(`${shortName(repository)}:${reference}`);
  const query = useImage(repository, reference, platform);
  return (
    <div className={classes.page}>
      <Query query={query}>
        {(image) => (
          <Contents repository={repository} image={image} reference={reference} platform={platform} />
        )}
      </Query>
    </div>
  );
}
