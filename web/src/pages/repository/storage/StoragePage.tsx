import { useInfiniteQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { Link } from '@/components/Link';
import { NoStorage, StorageView } from '@/components/storage/StorageView';
import { shortName, tagPath } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { pathOf, useRepositoryContext } from '../queries';

export function Component() {
  const repository = useRepositoryContext();
  usePageTitle('Storage', shortName(repository));
  const query = useInfiniteQuery({
    queryKey: ['repository-storage', repository.namespace, repository.name],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/storage', {
          params: {
            path: pathOf(repository),
            query: { cursor: pageParam || undefined, sort: 'own', limit: 50 },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const path = `/api/berth/v1/repositories/${encodeURIComponent(repository.namespace)}/${encodeURIComponent(repository.name)}`;
  return (
    <StorageView
      query={query}
      csv={`${path}/storage.csv`}
      rowTitle="Tag"
      renderName={(name) => <Link to={tagPath(repository, name)}>{name}</Link>}
      empty={<NoStorage />}
    />
  );
}
