import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { isStatus } from '@/api/errors';

export type Ordering = 'name' | 'last_updated' | 'pull_count';

// A person or an organization: the same page shows both.
export function useAccount(namespace: string) {
  return useQuery({
    queryKey: ['account', namespace],
    queryFn: () => call(api.GET('/v2/users/{username}', { params: { path: { username: namespace } } })),
  });
}

export function useRepositories(namespace: string, { name, ordering }: { name: string; ordering: Ordering }) {
  return useInfiniteQuery({
    queryKey: ['repositories', namespace, name, ordering],
    queryFn: async ({ pageParam }) => {
      try {
        return await call(
          api.GET('/v2/namespaces/{namespace}/repositories', {
            params: {
              path: { namespace },
              query: { page: pageParam, page_size: 30, name: name || undefined, ordering },
            },
          }),
        );
      } catch (error) {
        // An empty list may be answered as "past the end".
        if (isStatus(error, 404)) return { count: 0, next: null, previous: null, results: [] };
        throw error;
      }
    },
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (last.next ? pages.length + 1 : undefined),
    placeholderData: keepPreviousData,
  });
}
