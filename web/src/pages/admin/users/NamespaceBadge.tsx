import { useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { BadgeSelect } from '@/components/BadgeSelect';

interface Props {
  namespace: string;
  badge: Schemas['Badge'];
  // The list to load again afterwards.
  refresh: string;
}

// The badge of a user or organization, which all its repositories carry.
export function NamespaceBadge({ namespace, badge, refresh }: Props) {
  const queries = useQueryClient();
  return (
    <BadgeSelect
      name={namespace}
      badge={badge}
      assign={(chosen) =>
        call(
          api.PUT('/api/berth/v1/admin/namespaces/{namespace}/badge', {
            params: { path: { namespace } },
            body: { badge: chosen },
          }),
        )
      }
      onDone={() => queries.invalidateQueries({ queryKey: [refresh] })}
    />
  );
}
