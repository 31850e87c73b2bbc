import { useInfiniteQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { Link } from '@/components/Link';
import { Page } from '@/components/Page';
import { NoStorage, StorageView } from '@/components/storage/StorageView';
import { namespacePath } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';

export function Component() {
  usePageTitle('Storage', 'Administration');
  const query = useInfiniteQuery({
    queryKey: ['server-storage'],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/admin/storage', {
          params: { query: { cursor: pageParam || undefined, sort: 'own', limit: 50 } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  });
  return (
    <Page title="Storage" description="By namespace.">
      <StorageView
        query={query}
        csv="/api/berth/v1/admin/storage.csv"
        rowTitle="Namespace"
        renderName={(name) => <Link to={namespacePath(name)}>{name}</Link>}
        empty={<NoStorage />}
      />
    </Page>
  );
}
