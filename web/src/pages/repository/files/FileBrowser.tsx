import { Button } from '@mantine/core';
import { IconFile, IconFolder, IconFolderUp, IconLink, IconTrashX } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { IndexProgress } from '@/components/IndexProgress';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { formatBytes, formatMode, plural } from '@/lib/format';
import { FilePreview } from './FilePreview';
import { useFiles, type Source } from './queries';
import classes from './Files.module.css';

interface Props {
  source: Source;
  path: string;
  file: string | null;
  onOpen: (path: string) => void;
  onPreview: (file: string | null) => void;
}

type Entry = Schemas['FileEntry'];

const icons = {
  directory: IconFolder,
  symlink: IconLink,
  hardlink: IconLink,
  whiteout: IconTrashX,
} as Record<string, typeof IconFile>;
const signs = { added: '+', changed: '~', deleted: '−', unchanged: '' };
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1) || '/';
const itemsText = ({ children }: Entry) => (children == null ? '' : plural(children, 'item'));
const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

function Breadcrumbs({ path, onOpen }: { path: string; onOpen: (path: string) => void }) {
  const parts = path.split('/').filter(Boolean);
  return (
    <nav aria-label="Folder" className={classes.crumbs}>
      <button type="button" className={classes.crumb} onClick={() => onOpen('/')}>
        /
      </button>
      {parts.map((part, at) => (
        <span key={parts.slice(0, at + 1).join('/')}>
          <button
            type="button"
            className={classes.crumb}
            onClick={() => onOpen(`/${parts.slice(0, at + 1).join('/')}`)}
          >
            {part}
          </button>
          {at < parts.length - 1 && '/'}
        </span>
      ))}
    </nav>
  );
}

function Row({
  entry,
  chosen,
  onOpen,
  onPreview,
}: { entry: Entry; chosen: boolean } & Pick<Props, 'onOpen' | 'onPreview'>) {
  const Icon = icons[entry.type] ?? IconFile;
  const name = baseName(entry.path);
  const opens = entry.type === 'directory' || entry.type === 'file' || entry.type === 'hardlink';
  const open = () => (entry.type === 'directory' ? onOpen(entry.path) : onPreview(entry.path));
  return (
    <tr data-change={entry.change} data-chosen={chosen || undefined}>
      <td className={classes.sign} title={entry.change}>
        <span aria-hidden>{signs[entry.change]}</span>
        <span className="visually-hidden">{entry.change}</span>
      </td>
      <td className={classes.name}>
        <Icon size={16} aria-hidden />{' '}
        {opens && entry.change !== 'deleted' ? (
          <button type="button" className={classes.open} onClick={open}>
            {name}
          </button>
        ) : (
          <span>{name}</span>
        )}
        {entry.link_target && <span className={classes.target}> → {entry.link_target}</span>}
      </td>
      <td className={classes.size}>
        {entry.type === 'directory' ? itemsText(entry) : formatBytes(entry.size)}
      </td>
      <td className={classes.mode}>
        <code>{formatMode(entry.mode, entry.type)}</code>
      </td>
      <td className={classes.owner}>
        {entry.uid}:{entry.gid}
      </td>
    </tr>
  );
}

export function FileBrowser({ source, path, file, onOpen, onPreview }: Props) {
  const query = useFiles(source, path);
  if (query.isPending) return <LoadingRows rows={8} height={30} />;
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const first = query.data.pages[0]!;
  if (!first.ready) return <IndexProgress progress={first.progress} />;
  const entries = query.data.pages.flatMap((page) => (page.ready ? page.data.items : []));
  return (
    <div className={classes.browser} data-preview={file ? true : undefined}>
      <div className={classes.list}>
        <Breadcrumbs path={path} onOpen={onOpen} />
        {entries.length === 0 && <Empty title="This folder is empty" />}
        {(entries.length > 0 || path !== '/') && (
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <div className={classes.scroll} role="region" aria-label="Files" tabIndex={0}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="visually-hidden">Change</span>
                  </th>
                  <th scope="col">Name</th>
                  <th scope="col" className={classes.size}>
                    Size
                  </th>
                  <th scope="col" className={classes.mode}>
                    Mode
                  </th>
                  <th scope="col" className={classes.owner}>
                    Owner
                  </th>
                </tr>
              </thead>
              <tbody>
                {path !== '/' && (
                  <tr>
                    <td />
                    <td className={classes.name} colSpan={4}>
                      <IconFolderUp size={16} aria-hidden />{' '}
                      <button
                        type="button"
                        className={classes.open}
                        aria-label="Up"
                        onClick={() => onOpen(parentOf(path))}
                      >
                        ..
                      </button>
                    </td>
                  </tr>
                )}
                {entries.map((entry) => (
                  <Row
                    key={`${entry.path} ${entry.type}`}
                    entry={entry}
                    chosen={entry.path === file}
                    onOpen={onOpen}
                    onPreview={onPreview}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {query.hasNextPage && (
          <Button
            variant="default"
            size="sm"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
      {file && <FilePreview source={source} path={file} onClose={() => onPreview(null)} />}
    </div>
  );
}
