import { NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call } from '@/api/client';
import { notifyDone, notifyError } from '@/components/notify';

interface Props {
  namespace: string;
  plan: string;
  organizations: boolean;
  // The list to load again afterwards.
  refresh: string;
}

// Shows an account's plan and assigns another.
export function PlanSelect({ namespace, plan, organizations, refresh }: Props) {
  const queries = useQueryClient();
  const plans = useQuery({
    queryKey: ['plans'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/plans')),
    staleTime: 60_000,
  });
  const assign = useMutation({
    mutationFn: (name: string) =>
      call(
        api.PUT('/api/berth/v1/admin/namespaces/{namespace}/plan', {
          params: { path: { namespace } },
          body: { plan: name },
        }),
      ),
    onSuccess: () => {
      notifyDone('Plan assigned');
      return queries.invalidateQueries({ queryKey: [refresh] });
    },
    onError: notifyError,
  });
  const choices =
    plans.data?.items.filter((each) => each.for_organizations === organizations && each.enabled) ?? [];
  const data = choices.map(({ name, label }) => ({ value: name, label }));
  if (!data.some(({ value }) => value === plan)) data.unshift({ value: plan, label: plan });
  return (
    <NativeSelect
      size="xs"
      aria-label={`Plan of ${namespace}`}
      data={data}
      value={plan}
      onChange={(event) => assign.mutate(event.currentTarget.value)}
    />
  );
}
