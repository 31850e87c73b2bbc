import { Button } from '@mantine/core';
import { IconArrowsDiff, IconTrash } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import { plural } from '@/lib/format';
import { repositoryPath } from '@/lib/names';
import type { Repository } from '../queries';
import classes from './Tags.module.css';

interface Props {
  repository: Repository;
  selected: string[];
  onDelete: () => void;
  onClear: () => void;
}

// What can be done with the chosen tags.
export function SelectionBar({ repository, selected, onDelete, onClear }: Props) {
  const [base = '', target = ''] = selected;
  return (
    <section className={classes.selection} aria-label="Selection">
      <p role="status">{plural(selected.length, 'tag')} selected</p>
      {selected.length === 2 && (
        <Button
          component={Link}
          to={`${repositoryPath(repository)}/compare?base=${encodeURIComponent(base)}&target=${encodeURIComponent(target)}`}
          size="xs"
          variant="default"
          leftSection={<IconArrowsDiff size={15} />}
        >
          Compare
        </Button>
      )}
      <Button size="xs" color="red.8" leftSection={<IconTrash size={15} />} onClick={onDelete}>
        Delete…
      </Button>
      <Button size="xs" variant="subtle" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}
