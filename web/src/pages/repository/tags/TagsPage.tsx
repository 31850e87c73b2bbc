import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch, IconTags } from '@tabler/icons-react';
import { useState } from 'react';
import { useRegistryHost } from '@/api/session';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { plural } from '@/lib/format';
import { imageReference } from '@/lib/names';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import { shortName } from '@/lib/names';
import { useRepositoryContext, useTagRows, type TagSort } from '../queries';
import { DeleteTagsDialog } from './DeleteTagsDialog';
import { RetagDialog } from './RetagDialog';
import { SelectionBar } from './SelectionBar';
import { TagTable } from './TagTable';
import classes from './Tags.module.css';

const sorts: { value: TagSort; label: string }[] = [
  { value: '-pushed', label: 'Newest push' },
  { value: 'pushed', label: 'Oldest push' },
  { value: '-pulled', label: 'Latest pull' },
  { value: 'pulled', label: 'Oldest pull' },
  { value: 'name', label: 'Name, A to Z' },
  { value: '-name', label: 'Name, Z to A' },
  { value: '-size', label: 'Largest' },
  { value: 'size', label: 'Smallest' },
];

const architectures = ['amd64', 'arm64', 'arm', '386', 'riscv64', 'ppc64le', 's390x'];

export function Component() {
  const repository = useRepositoryContext();
  usePageTitle('Tags', shortName(repository));
  const host = useRegistryHost();
  const [text, setText] = useState('');
  const [sort, setSort] = useState<TagSort>('-pushed');
  const [architecture, setArchitecture] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [deleting, setDeleting] = useState<string[] | null>(null);
  const [retagging, setRetagging] = useState<string | null>(null);
  const name = useDebounced(text.trim());
  const query = useTagRows(repository, { name, sort, architecture });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  const filtered = name !== '' || architecture !== '';

  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <TextInput
          type="search"
          aria-label="Filter tags"
          placeholder="Filter tags"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          className={classes.find}
        />
        <NativeSelect
          aria-label="Sort by"
          data={sorts}
          value={sort}
          onChange={(event) => setSort(event.currentTarget.value as TagSort)}
        />
        <NativeSelect
          aria-label="Architecture"
          data={[{ value: '', label: 'Every architecture' }, ...architectures]}
          value={architecture}
          onChange={(event) => setArchitecture(event.currentTarget.value)}
        />
        <p role="status" className={classes.count}>
          {query.isSuccess && plural(total, 'tag')}
        </p>
      </div>
      {selected.size > 0 && (
        <SelectionBar
          repository={repository}
          selected={[...selected]}
          onDelete={() => setDeleting([...selected])}
          onClear={() => setSelected(new Set())}
        />
      )}
      {query.isPending && <LoadingRows rows={8} />}
      {query.isError && <Failure error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && rows.length === 0 && !filtered && (
        <Empty
          icon={<IconTags size={32} />}
          title="No tags yet"
          commands={[`docker push ${imageReference(host, repository, 'latest')}`]}
        >
          A push creates the tag that it names.
        </Empty>
      )}
      {query.isSuccess && rows.length === 0 && filtered && (
        <Empty
          icon={<IconSearch size={30} />}
          title="No tag matches"
          action={
            <Button variant="default" onClick={() => (setText(''), setArchitecture(''))}>
              Clear the filter
            </Button>
          }
        />
      )}
      {rows.length > 0 && (
        <TagTable
          repository={repository}
          rows={rows}
          total={total}
          selected={selected}
          onSelect={setSelected}
          onRetag={setRetagging}
          onDelete={(tag) => setDeleting([tag])}
          onEnd={() => {
            if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
          }}
        />
      )}
      <DeleteTagsDialog
        repository={repository}
        tags={deleting}
        onClose={() => setDeleting(null)}
        onDone={() => {
          setDeleting(null);
          setSelected(new Set());
        }}
      />
      <RetagDialog repository={repository} source={retagging} onClose={() => setRetagging(null)} />
    </div>
  );
}
