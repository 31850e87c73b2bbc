import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, call, type Schemas } from '@/api/client';

const length = 60;

// The numbers of the last minutes, gathered while the page is open.
export function useMetricsHistory() {
  const [history, setHistory] = useState<Schemas['ServerMetrics'][]>([]);
  const query = useQuery({
    queryKey: ['server-metrics'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/metrics')),
    refetchInterval: 3_000,
    staleTime: 0,
  });
  const { data } = query;
  useEffect(() => {
    if (data) setHistory((old) => (old.at(-1)?.at === data.at ? old : [...old, data].slice(-length)));
  }, [data]);
  return { query, history };
}
