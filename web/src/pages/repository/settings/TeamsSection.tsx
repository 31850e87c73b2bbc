import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { DataTable } from '@/components/DataTable';
import { FormError } from '@/components/FormError';
import { notifyError } from '@/components/notify';
import { Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { pathOf, type Repository } from '../queries';
import classes from './Settings.module.css';
import { useRefresh } from './useRefresh';

type Permission = Schemas['RepositoryPermission'];
const permissions: { value: Permission; label: string }[] = [
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Read and write' },
  { value: 'admin', label: 'Admin' },
];

export function TeamsSection({ repository }: { repository: Repository }) {
  const [group, setGroup] = useState('');
  const [permission, setPermission] = useState<Permission>('read');
  const path = pathOf(repository);
  const query = useQuery({
    queryKey: ['repository-teams', repository.namespace, repository.name],
    queryFn: () => call(api.GET('/v2/repositories/{namespace}/{repository}/groups', { params: { path } })),
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
  const refresh = useRefresh('repository-teams', repository, 'Permissions changed');
  const onePath = (group_id: number) => ({ params: { path: { ...path, group_id } } });
  const add = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/repositories/{namespace}/{repository}/groups', {
          params: { path },
          body: { group_id: Number(group), permission },
        }),
      ),
    onSuccess: () => (setGroup(''), refresh()),
  });
  const change = useMutation({
    mutationFn: ({ id, permission }: { id: number; permission: Permission }) =>
      call(
        api.PATCH('/v2/repositories/{namespace}/{repository}/groups/{group_id}', {
          ...onePath(id),
          body: { permission },
        }),
      ),
    onSuccess: refresh,
    onError: notifyError,
  });
  const remove = useMutation({
    mutationFn: (id: number) =>
      call(api.DELETE('/v2/repositories/{namespace}/{repository}/groups/{group_id}', onePath(id))),
    onSuccess: refresh,
    onError: notifyError,
  });
  const known = new Set(query.data?.results.map(({ group_id }) => group_id));
  const others = groups.data?.results.filter(({ id }) => !known.has(id)) ?? [];
  return (
    <Section title="Teams" description="What each team of the organization may do here.">
      <Query query={query}>
        {(data) =>
          data.results.length === 0 ? (
            <p className={classes.matches}>
              No team has permission yet; owners and editors of the organization have.
            </p>
          ) : (
            <DataTable
              label="Teams"
              rows={data.results}
              rowKey={(row) => String(row.group_id)}
              columns={[
                { key: 'team', title: 'Team', render: (row) => row.group_name },
                {
                  key: 'permission',
                  title: 'Permission',
                  render: (row) => (
                    <NativeSelect
                      size="xs"
                      aria-label={`Permission of ${row.group_name}`}
                      data={permissions}
                      value={row.permission}
                      onChange={(event) =>
                        change.mutate({
                          id: row.group_id,
                          permission: event.currentTarget.value as Permission,
                        })
                      }
                    />
                  ),
                },
                {
                  key: 'remove',
                  title: <span className="visually-hidden">Remove</span>,
                  numeric: true,
                  render: (row) => (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Remove ${row.group_name}`}
                      onClick={() => remove.mutate(row.group_id)}
                    >
                      Remove
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Query>
      {others.length > 0 && (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <FormError error={add.error} />
          <div className={classes.row}>
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
            <Button type="submit" loading={add.isPending} disabled={!group}>
              Add team
            </Button>
          </div>
        </form>
      )}
    </Section>
  );
}
