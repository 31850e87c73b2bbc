import { useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, callIndexed, type Indexed, type Schemas } from '@/api/client';
import { pathOf } from '../queries';
import type { RepositoryId } from '@/lib/names';

// Which file system is looked at: one layer's, or the merged one of an image.
export interface Source {
  repository: RepositoryId;
  reference: string;
  platform?: string;
  layer?: string;
}

const keyOf = ({ repository: { namespace, name }, reference, platform, layer }: Source) => [
  namespace,
  name,
  reference,
  platform ?? '',
  layer ?? '',
];

type FileList = Schemas['FileList'];

function listFiles(source: Source, path: string, cursor?: string) {
  const { repository, reference, platform, layer } = source;
  if (layer) {
    return callIndexed<FileList>(
      api.GET('/api/berth/v1/repositories/{namespace}/{repository}/layers/{digest}/files', {
        params: {
          path: { ...pathOf(repository), digest: layer },
          query: { path, image: reference, platform, cursor },
        },
      }),
    );
  }
  return callIndexed<FileList>(
    api.GET('/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}/files', {
      params: { path: { ...pathOf(repository), reference }, query: { path, platform, cursor } },
    }),
  );
}

// Asks again while the layers are being read for the first time.
function pollDelay(answer: Indexed<unknown> | undefined): number | false {
  if (!answer || answer.ready || answer.progress.state === 'failed') return false;
  return Math.max(1, answer.progress.retry_after) * 1000;
}

export function useFiles(source: Source, path: string) {
  return useInfiniteQuery({
    queryKey: ['files', ...keyOf(source), path],
    queryFn: ({ pageParam }) => listFiles(source, path, pageParam || undefined),
    initialPageParam: '',
    getNextPageParam: (last) => (last.ready ? (last.data.next ?? undefined) : undefined),
    refetchInterval: ({ state }) => pollDelay(state.data?.pages[0]),
    staleTime: 60_000,
  });
}

export function useFile(
  source: Source,
  path: string | null,
): UseQueryResult<Indexed<Schemas['FilePreview']>> {
  const { repository, reference, platform, layer } = source;
  return useQuery({
    queryKey: ['file', ...keyOf(source), path],
    queryFn: () =>
      layer
        ? callIndexed<Schemas['FilePreview']>(
            api.GET('/api/berth/v1/repositories/{namespace}/{repository}/layers/{digest}/file', {
              params: { path: { ...pathOf(repository), digest: layer }, query: { path: path! } },
            }),
          )
        : callIndexed<Schemas['FilePreview']>(
            api.GET('/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}/file', {
              params: { path: { ...pathOf(repository), reference }, query: { path: path!, platform } },
            }),
          ),
    enabled: path !== null,
    refetchInterval: ({ state }) => pollDelay(state.data),
    staleTime: 60_000,
  });
}

export function useLargestFiles({ repository, reference, platform }: Source) {
  return useQuery({
    queryKey: ['largest-files', repository, reference, platform],
    queryFn: () =>
      callIndexed<FileList>(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}/largest-files', {
          params: { path: { ...pathOf(repository), reference }, query: { platform, limit: 50 } },
        }),
      ),
    refetchInterval: ({ state }) => pollDelay(state.data),
  });
}

export function useWastedSpace({ repository, reference, platform }: Source) {
  return useQuery({
    queryKey: ['wasted', repository, reference, platform],
    queryFn: () =>
      callIndexed<Schemas['WastedSpace']>(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}/wasted', {
          params: { path: { ...pathOf(repository), reference }, query: { platform, limit: 50 } },
        }),
      ),
    refetchInterval: ({ state }) => pollDelay(state.data),
  });
}
