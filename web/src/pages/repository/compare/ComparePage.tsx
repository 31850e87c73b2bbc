import { Button, TextInput } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { api, callIndexed, type Schemas } from '@/api/client';
import { IndexProgress } from '@/components/IndexProgress';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { shortName } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { pathOf, useRepositoryContext, useTagRows, type Repository } from '../queries';
import { ConfigurationChanges, FileChanges, PackageChanges, Summary } from './Differences';
import classes from './Compare.module.css';

function useComparison(repository: Repository, base: string, target: string, platform?: string) {
  return useInfiniteQuery({
    queryKey: ['compare', repository.namespace, repository.name, base, target, platform],
    queryFn: ({ pageParam }) =>
      callIndexed<Schemas['Comparison']>(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/compare', {
          params: {
            path: pathOf(repository),
            query: { base, target, platform, cursor: pageParam || undefined },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => (last.ready ? (last.data.files.next ?? undefined) : undefined),
    enabled: base !== '' && target !== '',
    refetchInterval: ({ state }) => {
      const first = state.data?.pages[0];
      return first && !first.ready && first.progress.state !== 'failed'
        ? Math.max(1, first.progress.retry_after) * 1000
        : false;
    },
    staleTime: 60_000,
  });
}

function Chooser({ repository }: { repository: Repository }) {
  const [params, setParams] = useSearchParams();
  const tags = useTagRows(repository, { name: '', sort: '-pushed' });
  const names = tags.data?.pages[0]?.items.map(({ name }) => name) ?? [];
  const [base, setBase] = useState(params.get('base') ?? '');
  const [target, setTarget] = useState(params.get('target') ?? '');
  return (
    <form
      className={classes.chooser}
      onSubmit={(event) => {
        event.preventDefault();
        setParams({ base: base.trim(), target: target.trim() });
      }}
    >
      <TextInput
        label="From"
        placeholder="Tag or digest"
        list="compare-tags"
        required
        value={base}
        onChange={(event) => setBase(event.currentTarget.value)}
      />
      <TextInput
        label="To"
        placeholder="Tag or digest"
        list="compare-tags"
        required
        value={target}
        onChange={(event) => setTarget(event.currentTarget.value)}
      />
      <datalist id="compare-tags">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button type="submit" leftSection={<IconArrowsDiff size={17} />}>
        Compare
      </Button>
    </form>
  );
}

export function Component() {
  const repository = useRepositoryContext();
  usePageTitle('Compare', shortName(repository));
  const [params] = useSearchParams();
  const base = params.get('base') ?? '';
  const target = params.get('target') ?? '';
  const query = useComparison(repository, base, target, params.get('platform') ?? undefined);
  const first = query.data?.pages[0];
  const chosen = base !== '' && target !== '';

  return (
    <div className={classes.page}>
      <Chooser key={`${base} ${target}`} repository={repository} />
      {!chosen && (
        <Empty icon={<IconArrowsDiff size={32} />} title="Compare two images">
          Choose two tags to see which packages, files and settings differ between them.
        </Empty>
      )}
      {chosen && query.isPending && <LoadingRows rows={6} />}
      {query.isError && <Failure error={query.error} retry={() => void query.refetch()} />}
      {first && !first.ready && <IndexProgress progress={first.progress} />}
      {first?.ready && (
        <>
          <Summary comparison={first.data} />
          <PackageChanges packages={first.data.packages} />
          <ConfigurationChanges changes={first.data.configuration} />
          <FileChanges
            files={first.data.files}
            items={query.data!.pages.flatMap((page) => (page.ready ? page.data.files.items : []))}
            more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
            busy={query.isFetchingNextPage}
          />
        </>
      )}
    </div>
  );
}
