// What the pages of a repository ask for, and the keys under which it is kept.
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useOutletContext, useParams } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import type { RepositoryId } from '@/lib/names';

export type Repository = Schemas['Repository'];

// The repository of the address; official images have no namespace in theirs.
export function useRepositoryId(): RepositoryId {
  const { namespace = 'library', repository = '' } = useParams();
  return { namespace, name: repository };
}

// The repository that the layout has loaded for its pages.
export function useRepositoryContext(): Repository {
  return useOutletContext<Repository>();
}

export const pathOf = ({ namespace, name }: RepositoryId) => ({ namespace, repository: name });

export function useRepository(id: RepositoryId) {
  return useQuery({
    queryKey: ['repository', id.namespace, id.name],
    queryFn: () =>
      call(api.GET('/v2/namespaces/{namespace}/repositories/{repository}', { params: { path: pathOf(id) } })),
  });
}

// Changes the repository and shows the change at once.
export function useUpdateRepository(id: RepositoryId) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['UpdateRepositoryRequest']) =>
      call(
        api.PATCH('/v2/namespaces/{namespace}/repositories/{repository}', {
          params: { path: pathOf(id) },
          body,
        }),
      ),
    onSuccess: (repository) => queries.setQueryData(['repository', id.namespace, id.name], repository),
  });
}

export function useStar(id: RepositoryId) {
  const queries = useQueryClient();
  const key = ['repository', id.namespace, id.name];
  return useMutation({
    mutationFn: (star: boolean) => {
      const params = { params: { path: pathOf(id) } };
      const path = '/v2/repositories/{namespace}/{repository}/stars' as const;
      return star ? call(api.POST(path, params)) : call(api.DELETE(path, params));
    },
    onMutate: (star) => {
      queries.setQueryData(key, (old: Repository | undefined) =>
        old && old.has_starred !== star
          ? { ...old, has_starred: star, star_count: old.star_count + (star ? 1 : -1) }
          : old,
      );
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export type TagSort = 'pushed' | '-pushed' | 'pulled' | '-pulled' | 'name' | '-name' | 'size' | '-size';

export interface TagFilter {
  name: string;
  sort: TagSort;
  architecture?: string;
  os?: string;
}

const tagPageSize = 100;

export function useTagRows(id: RepositoryId, filter: TagFilter) {
  return useInfiniteQuery({
    queryKey: ['tags', id.namespace, id.name, filter],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/tags', {
          params: {
            path: pathOf(id),
            query: {
              limit: tagPageSize,
              cursor: pageParam || undefined,
              name: filter.name || undefined,
              sort: filter.sort,
              architecture: filter.architecture || undefined,
              os: filter.os || undefined,
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useImage(id: RepositoryId, reference: string, platform?: string) {
  return useQuery({
    queryKey: ['image', id.namespace, id.name, reference, platform ?? ''],
    queryFn: () =>
      call(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}', {
          params: { path: { ...pathOf(id), reference }, query: { platform } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

// After tags have changed: lists, images and the repository's own numbers.
export function useInvalidateTags(id: RepositoryId) {
  const queries = useQueryClient();
  return () =>
    Promise.all(
      ['tags', 'image', 'repository', 'repository-storage'].map((kind) =>
        queries.invalidateQueries({ queryKey: [kind, id.namespace, id.name] }),
      ),
    );
}
