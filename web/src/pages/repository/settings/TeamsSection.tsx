import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { AccessList, type Grant } from '@/components/AccessList';
import { Section } from '@/components/Page';
import { pathOf, type Repository } from '../queries';
import classes from '@/components/Form.module.css';

type Permission = Schemas['RepositoryPermission'];
type TeamGrant = Grant & { id: number };

const permissions: { value: Permission; label: string }[] = [
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Read and write' },
  { value: 'admin', label: 'Admin' },
];

export function TeamsSection({ repository }: { repository: Repository }) {
  const [group, setGroup] = useState('');
  const [permission, setPermission] = useState<Permission>('read');
  const path = pathOf(repository);
  const queryKey = ['repository-teams', repository.namespace, repository.name];
  const query = useQuery({
    queryKey,
    queryFn: async (): Promise<TeamGrant[]> => {
      const page = await call(
        api.GET('/v2/repositories/{namespace}/{repository}/groups', {
          params: { path, query: { page_size: 100 } },
        }),
      );
      return page.results.map((row) => ({
        id: row.group_id,
        name: row.group_name,
        permission: row.permission,
      }));
    },
  });
  const groups = useQuery({
    queryKey: ['teams', repository.namespace],
    queryFn: () =>
      call(
        api.GET('/v2/orgs/{org_name}/groups', {
          params: { path: { org_name: repository.namespace }, query: { page_size: 100 } },
        }),
      ),
  });
  const one = (group_id: number) => ({ params: { path: { ...path, group_id } } });
  const known = new Set(query.data?.map(({ id }) => id));
  const others = groups.data?.results.filter(({ id }) => !known.has(id)) ?? [];
  return (
    <Section title="Teams" description="What each team of the organization may do here.">
      <AccessList
        title="Team"
        label="Teams"
        empty="No team has permission yet; owners and editors of the organization have."
        query={query}
        queryKeys={[queryKey]}
        permissions={permissions}
        editable
        onChange={({ id }, chosen) =>
          call(
            api.PATCH('/v2/repositories/{namespace}/{repository}/groups/{group_id}', {
              ...one(id),
              body: { permission: chosen as Permission },
            }),
          )
        }
        onRemove={({ id }) =>
          call(api.DELETE('/v2/repositories/{namespace}/{repository}/groups/{group_id}', one(id)))
        }
        onAdd={() =>
          call(
            api.POST('/v2/repositories/{namespace}/{repository}/groups', {
              params: { path },
              body: { group_id: Number(group), permission },
            }),
          )
        }
        onAdded={() => setGroup('')}
        addDisabled={!group}
      >
        {others.length > 0 && (
          <>
            <NativeSelect
              className={classes.grow}
              label="Team"
              required
              value={group}
              onChange={(event) => setGroup(event.currentTarget.value)}
              data={[
                { value: '', label: 'Choose a team' },
                ...others.map(({ id, name }) => ({ value: String(id), label: name })),
              ]}
            />
            <NativeSelect
              label="Permission"
              data={permissions}
              value={permission}
              onChange={(event) => setPermission(event.currentTarget.value as Permission)}
            />
          </>
        )}
      </AccessList>
    </Section>
  );
}
