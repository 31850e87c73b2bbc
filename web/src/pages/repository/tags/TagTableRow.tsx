import { ActionIcon, Checkbox, Menu, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCopy, IconDots, IconFolderSearch, IconLock, IconTag, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { Link as RouterLink } from 'react-router-dom';
import type { Schemas } from '@/api/client';
import { useRegistryHost } from '@/api/session';
import { Ago } from '@/components/Ago';
import { Digest } from '@/components/Digest';
import { notifyDone } from '@/components/notify';
import { formatBytes } from '@/lib/format';
import { imageReference, platformText, tagPath } from '@/lib/names';
import type { Repository } from '../queries';
import classes from './Tags.module.css';

interface Props {
  repository: Repository;
  row: Schemas['TagRow'];
  index: number;
  top: number;
  height: number;
  editable: boolean;
  selected: boolean;
  onToggle: (name: string) => void;
  onRetag: (name: string) => void;
  onDelete: (name: string) => void;
}

function Actions({
  repository,
  row,
  onRetag,
  onDelete,
}: Pick<Props, 'repository' | 'row' | 'onRetag' | 'onDelete'>) {
  const host = useRegistryHost();
  const { copy } = useClipboard();
  const command = `docker pull ${imageReference(host, repository, row.name)}`;
  const { write, admin } = repository.permissions;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${row.name}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy size={16} />}
          onClick={() => (copy(command), notifyDone('Pull command copied'))}
        >
          Copy pull command
        </Menu.Item>
        <Menu.Item
          component={RouterLink}
          to={`${tagPath(repository, row.name)}/files`}
          leftSection={<IconFolderSearch size={16} />}
        >
          Look inside
        </Menu.Item>
        {write && (
          <Menu.Item leftSection={<IconTag size={16} />} onClick={() => onRetag(row.name)}>
            Add or move a tag
          </Menu.Item>
        )}
        {admin && (
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => onDelete(row.name)}>
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Platforms({ row }: { row: Schemas['TagRow'] }) {
  // Nearly every image is for Linux, which is not worth the room.
  const shown = row.platforms.slice(0, 2).map((each) => platformText(each).replace(/^linux\//, ''));
  const more = row.platforms.length - shown.length;
  if (row.content_type !== 'image') return <>{row.content_type}</>;
  return (
    <span title={row.platforms.map(platformText).join(', ')}>
      {shown.join(', ')}
      {more > 0 && ` +${more}`}
    </span>
  );
}

export const TagTableRow = memo(function TagTableRow(props: Props) {
  const { repository, row, index, top, height, editable, selected, onToggle } = props;
  return (
    <div
      role="row"
      aria-rowindex={index}
      className={classes.row}
      data-selected={selected || undefined}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <div role="cell" className={classes.check}>
        {editable && (
          <Checkbox
            size="xs"
            aria-label={`Select ${row.name}`}
            checked={selected}
            onChange={() => onToggle(row.name)}
          />
        )}
      </div>
      <div role="cell" className={classes.name}>
        <RouterLink to={tagPath(repository, row.name)}>{row.name}</RouterLink>
        {row.immutable && (
          <Tooltip label="Immutable: cannot be moved or deleted" withArrow>
            <span className={classes.lock}>
              <IconLock size={14} role="img" aria-label="Immutable" />
            </span>
          </Tooltip>
        )}
        {row.stale && <span className={classes.stale}>stale</span>}
      </div>
      <div role="cell" className={classes.platforms}>
        <Platforms row={row} />
      </div>
      <div role="cell" className={classes.size}>
        {formatBytes(row.size)}
      </div>
      <div role="cell" className={classes.digest}>
        <Digest value={row.digest} />
      </div>
      <div role="cell" className={classes.pushed}>
        <Ago time={row.pushed_at} />
        {row.pushed_by && <span className={classes.by}> by {row.pushed_by}</span>}
      </div>
      <div role="cell" className={classes.pulled}>
        <Ago time={row.pulled_at} />
      </div>
      <div role="cell" className={classes.actions}>
        <Actions {...props} />
      </div>
    </div>
  );
});
