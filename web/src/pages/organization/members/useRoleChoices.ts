import { useQuery } from '@tanstack/react-query';
import { api, call } from '@/api/client';

const builtIn = [
  { value: 'member', label: 'Member' },
  { value: 'editor', label: 'Editor' },
  { value: 'owner', label: 'Owner' },
];

// The roles of an organization, its own ones included.
export function useRoleChoices(org: string) {
  const roles = useQuery({
    queryKey: ['roles', org],
    queryFn: () =>
      call(api.GET('/api/berth/v1/orgs/{org_name}/roles', { params: { path: { org_name: org } } })),
  });
  return [...builtIn, ...(roles.data?.items.map(({ name }) => ({ value: name, label: name })) ?? [])];
}
