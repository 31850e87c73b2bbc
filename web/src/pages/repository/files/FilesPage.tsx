import { Button, NativeSelect, Tabs } from '@mantine/core';
import { useParams, useSearchParams } from 'react-router-dom';
import type { Schemas } from '@/api/client';
import { Link } from '@/components/Link';
import { Query } from '@/components/Query';
import { formatBytes, shortDigest } from '@/lib/format';
import { imagePath, repositoryPath, shortName } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { PlatformSelect } from '../PlatformSelect';
import { useImage, useRepositoryContext } from '../queries';
import { FileBrowser } from './FileBrowser';
import { LargestFiles, WastedSpace } from './Insights';
import classes from './Files.module.css';

type View = 'files' | 'largest' | 'wasted';

function sourceChoices(image: Schemas['ImageDetails']) {
  const layers = image.image?.layers.filter(({ digest }) => digest) ?? [];
  return [
    { value: '', label: 'Whole image' },
    ...layers.map((layer, at) => ({
      value: layer.digest!,
      label: `Layer ${at + 1}: ${shortDigest(layer.digest!)}, ${formatBytes(layer.size)}`,
    })),
  ];
}

export function Component() {
  const repository = useRepositoryContext();
  const { reference = '' } = useParams();
  const [params, setParams] = useSearchParams();
  const platform = params.get('platform') ?? undefined;
  const layer = params.get('layer') ?? undefined;
  const view = (params.get('view') ?? 'files') as View;
  usePageTitle('Files', `${shortName(repository)}:${reference}`);
  const image = useImage(repository, reference, platform);
  const set = (changes: Record<string, string | null>) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    });
  const source = { repository, reference, platform, layer };

  return (
    <div className={classes.page}>
      <h2 className={classes.title}>
        <Link to={`${repositoryPath(repository)}/tags`}>Tags</Link>
        <span aria-hidden> / </span>
        <Link to={imagePath(repository, reference)}>
          <span className="mono">{reference}</span>
        </Link>
        <span aria-hidden> / </span>
        Files
      </h2>
      <Query query={image}>
        {(data) => (
          <Tabs
            value={view}
            onChange={(value) => set({ view: value === 'files' ? null : value })}
            keepMounted={false}
          >
            <Tabs.List aria-label="View">
              <Tabs.Tab value="files">Files</Tabs.Tab>
              <Tabs.Tab value="largest">Largest files</Tabs.Tab>
              <Tabs.Tab value="wasted">Wasted space</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="files" pt="sm">
              <div className={classes.choices}>
                <NativeSelect
                  aria-label="Show the files of"
                  size="sm"
                  data={sourceChoices(data)}
                  value={layer ?? ''}
                  onChange={(event) => set({ layer: event.currentTarget.value, path: null, file: null })}
                />
                <PlatformSelect
                  image={data}
                  onChange={(value) => set({ platform: value, layer: null, path: null, file: null })}
                />
                {layer && (
                  <Button
                    variant="subtle"
                    size="sm"
                    onClick={() => set({ layer: null, path: null, file: null })}
                  >
                    Whole image
                  </Button>
                )}
              </div>
              <FileBrowser
                source={source}
                path={params.get('path') ?? '/'}
                file={params.get('file')}
                onOpen={(path) => set({ path: path === '/' ? null : path, file: null })}
                onPreview={(file) => set({ file })}
              />
            </Tabs.Panel>
            <Tabs.Panel value="largest" pt="sm">
              <LargestFiles source={source} />
            </Tabs.Panel>
            <Tabs.Panel value="wasted" pt="sm">
              <WastedSpace source={source} />
            </Tabs.Panel>
          </Tabs>
        )}
      </Query>
    </div>
  );
}
