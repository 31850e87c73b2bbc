import { useQueryClient } from '@tanstack/react-query';
import { notifyDone } from '@/components/notify';
import type { Repository } from '../queries';

// Says that a list has changed, and loads it again.
export function useRefresh(key: string, repository: Repository, done: string) {
  const queries = useQueryClient();
  return () => {
    notifyDone(done);
    return queries.invalidateQueries({ queryKey: [key, repository.namespace, repository.name] });
  };
}
