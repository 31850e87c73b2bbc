import { useInfiniteQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { Link } from '@/components/Link';
import { repositoryPath } from '@/lib/names';
import { NoStorage, StorageView } from './StorageView';

// What the repositories of a user or an organization take.
export function NamespaceStorage({ namespace }: { namespace: string }) {
  const query = useInfiniteQuery({
    queryKey: ['namespace-storage', namespace],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/namespaces/{namespace}/storage', {
          params: { path: { namespace }, query: { cursor: pageParam || undefined, sort: 'own', limit: 50 } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return (
    <StorageView
      query={query}
      csv={`/api/berth/v1/namespaces/${encodeURIComponent(namespace)}/storage.csv`}
      rowTitle="Repository"
      renderName={(name) => (
        <Link to={repositoryPath({ namespace, name: name.replace(`${namespace}/`, '') })}>{name}</Link>
      )}
      empty={<NoStorage />}
    />
  );
}
