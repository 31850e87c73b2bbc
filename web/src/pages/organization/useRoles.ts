import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';

const builtIn = [
  { value: 'member', label: 'Member' },
  { value: 'editor', label: 'Editor' },
  { value: 'owner', label: 'Owner' },
];

export function useCustomRoles(org: string) {
  return useQuery({
    queryKey: ['roles', org],
    queryFn: () =>
      call(
        api.GET('/api/berth/v1/orgs/{org_name}/roles', {
          params: { path: { org_name: org }, query: { limit: 100 } },
        }),
      ),
  });
}

// The roles that a member can have, the organization's own ones included.
export function useRoleChoices(org: string) {
  const roles = useCustomRoles(org);
  return [...builtIn, ...(roles.data?.items.map(({ name }) => ({ value: name, label: name })) ?? [])];
}
