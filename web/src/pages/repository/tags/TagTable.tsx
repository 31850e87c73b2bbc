import { Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Schemas } from '@/api/client';
import type { Repository } from '../queries';
import { TagTableRow } from './TagTableRow';
import classes from './Tags.module.css';

interface Props {
  repository: Repository;
  rows: Schemas['TagRow'][];
  // All that match, of which `rows` are the first.
  total: number;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onRetag: (tag: string) => void;
  onDelete: (tag: string) => void;
  // The reader nears the end of `rows`.
  onEnd: () => void;
}

const headings = ['Tag', 'Platforms', 'Size', 'Digest', 'Pushed', 'Pulled'];

// Draws only the rows on screen, so that a hundred thousand tags cost what twenty cost.
export function TagTable({ repository, rows, total, selected, onSelect, onRetag, onDelete, onEnd }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const editable = repository.permissions.admin;
  // Runs after every drawing: where the list begins on the page; what stands above it may grow (the selection bar).
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useLayoutEffect(() => {
    const begin = (list.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (Math.abs(begin - top) > 1) setTop(begin);
  });
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (phone ? 84 : 49),
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => rows[index]!.name,
  });
  useEffect(() => virtual.measure(), [phone, virtual]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 40 && rows.length < total) onEnd();
  });

  const toggle = (name: string) => {
    const next = new Set(selected);
    if (!next.delete(name)) next.add(name);
    onSelect(next);
  };
  const allSelected = rows.every(({ name }) => selected.has(name));

  return (
    <div className={classes.table} data-editable={editable || undefined}>
      <div role="table" aria-label="Tags" aria-rowcount={total + 1}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.headings}`}>
            <div role="columnheader" className={classes.check}>
              {editable && (
                <Checkbox
                  size="xs"
                  aria-label={`Select the ${rows.length} tags shown`}
                  checked={allSelected}
                  indeterminate={selected.size > 0 && !allSelected}
                  onChange={() => onSelect(new Set(allSelected ? [] : rows.map(({ name }) => name)))}
                />
              )}
            </div>
            {headings.map((heading) => (
              <div key={heading} role="columnheader">
                {heading}
              </div>
            ))}
            <div role="columnheader">
              <span className="visually-hidden">Actions</span>
            </div>
          </div>
        </div>
        <div role="rowgroup" ref={list} className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => (
            <TagTableRow
              key={item.key}
              repository={repository}
              row={rows[item.index]!}
              index={item.index + 2}
              top={item.start - top}
              height={item.size}
              editable={editable}
              selected={selected.has(rows[item.index]!.name)}
              onToggle={toggle}
              onRetag={onRetag}
              onDelete={onDelete}
            />
          ))}
        </div>
      </div>
      {rows.length < total && (
        <p className={classes.more} role="status">
          Loading more…
        </p>
      )}
    </div>
  );
}
