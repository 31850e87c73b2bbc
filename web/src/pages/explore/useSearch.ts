import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { filterNames, type SearchRequest } from './useSearchState';

const pageSize = 25;

export function useSearch({ query, sort, filters }: SearchRequest) {
  return useInfiniteQuery({
    queryKey: ['search', query, sort, filters],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/search/v4', {
          params: {
            query: {
              query: query || undefined,
              from: pageParam,
              size: pageSize,
              sort,
              order: sort && 'desc',
              ...Object.fromEntries(
                filterNames
                  .filter((name) => filters[name].length > 0)
                  .map((name) => [name, filters[name].join(',')]),
              ),
            },
          },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const seen = pages.reduce((sum, page) => sum + page.results.length, 0);
      return last.results.length > 0 && seen < last.total ? seen : undefined;
    },
    placeholderData: keepPreviousData,
  });
}
