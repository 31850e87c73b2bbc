import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch, IconShip } from '@tabler/icons-react';
import { useRegistryHost, useSession } from '@/api/session';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { plural } from '@/lib/format';
import { usePageTitle } from '@/lib/usePageTitle';
import { Filters } from './Filters';
import { ResultCard } from './ResultCard';
import { useSearch } from './useSearch';
import { sorts, useSearchState } from './useSearchState';
import classes from './ExplorePage.module.css';

function NothingYet() {
  const host = useRegistryHost();
  const session = useSession();
  const name = session?.user.username ?? 'YOUR_NAME';
  return (
    <Empty
      icon={<IconShip size={34} />}
      title="No images yet"
      commands={[
        `docker login ${host}`,
        `docker tag alpine:latest ${host}/${name}/alpine:latest`,
        `docker push ${host}/${name}/alpine:latest`,
      ]}
    >
      Push the first one: sign in, name a local image after this server, push it.
    </Empty>
  );
}

export function Component() {
  const state = useSearchState();
  const search = useSearch(state.request);
  usePageTitle(state.request.query ? `Search: ${state.request.query}` : 'Explore');
  const results = search.data?.pages.flatMap((page) => page.results) ?? [];
  const total = search.data?.pages[0]?.total ?? 0;

  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <h1 className={classes.title}>Explore images</h1>
        <TextInput
          type="search"
          aria-label="Search images"
          placeholder="Name, description or publisher"
          size="md"
          leftSection={<IconSearch size={18} />}
          value={state.text}
          onChange={(event) => state.setText(event.currentTarget.value)}
          className={classes.search}
        />
      </div>
      <Filters state={state} />
      <section className={classes.results} aria-label="Results">
        <div className={classes.bar}>
          <p role="status" className={classes.count}>
            {search.isSuccess ? plural(total, 'image') : 'Searching…'}
          </p>
          <NativeSelect
            aria-label="Sort by"
            size="xs"
            data={sorts}
            value={state.sort}
            onChange={(event) => state.set('sort', event.currentTarget.value)}
          />
        </div>
        {search.isError && <Failure error={search.error} retry={() => void search.refetch()} />}
        {search.isPending && <LoadingRows rows={6} height={92} />}
        {search.isSuccess && results.length === 0 && !state.filtered && <NothingYet />}
        {search.isSuccess && results.length === 0 && state.filtered && (
          <Empty
            icon={<IconSearch size={30} />}
            title="Nothing matches"
            action={
              <Button variant="default" onClick={state.clear}>
                Clear search and filters
              </Button>
            }
          >
            Private images appear only to those who may read them: sign in to search yours.
          </Empty>
        )}
        {results.length > 0 && (
          <ul className={classes.list} aria-busy={search.isPlaceholderData}>
            {results.map((result) => (
              <ResultCard key={result.id} result={result} />
            ))}
          </ul>
        )}
        {search.hasNextPage && (
          <Button
            variant="default"
            loading={search.isFetchingNextPage}
            onClick={() => void search.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </section>
    </div>
  );
}
