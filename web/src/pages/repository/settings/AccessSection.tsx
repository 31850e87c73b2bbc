import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { DataTable } from '@/components/DataTable';
import { FormError } from '@/components/FormError';
import { Link } from '@/components/Link';
import { notifyDone, notifyError } from '@/components/notify';
import { Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { namespacePath } from '@/lib/names';
import { pathOf, type Repository } from '../queries';
import classes from './Settings.module.css';

type Permission = Schemas['RepositoryPermission'];
const permissions: { value: Permission; label: string }[] = [
  { value: 'read', label: 'Read' },
  { value: 'write', label: 'Read and write' },
  { value: 'admin', label: 'Admin' },
];

function useRefresh(key: string, repository: Repository, done: string) {
  const queries = useQueryClient();
  return () => {
    notifyDone(done);
    return queries.invalidateQueries({ queryKey: [key, repository.namespace, repository.name] });
  };
}

function Collaborators({ repository }: { repository: Repository }) {
  const [user, setUser] = useState('');
  const path = pathOf(repository);
  const query = useQuery({
    queryKey: ['collaborators', repository.namespace, repository.name],
    queryFn: () =>
      call(api.GET('/v2/repositories/{namespace}/{repository}/collaborators', { params: { path } })),
  });
  const refresh = useRefresh('collaborators', repository, 'Collaborators changed');
  const add = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/repositories/{namespace}/{repository}/collaborators', {
          params: { path },
          body: { user: user.trim() },
        }),
      ),
    onSuccess: () => (setUser(''), refresh()),
  });
  const remove = useMutation({
    mutationFn: (username: string) =>
      call(
        api.DELETE('/v2/repositories/{namespace}/{repository}/collaborators/{username}', {
          params: { path: { ...path, username } },
        }),
      ),
    onSuccess: refresh,
    onError: notifyError,
  });
  return (
    <Section title="Collaborators" description="People who may pull and push besides the owner.">
      <Query query={query}>
        {(data) =>
          data.results.length > 0 ? (
            <DataTable
              label="Collaborators"
              rows={data.results}
              rowKey={(row) => row.user}
              columns={[
                {
                  key: 'user',
                  title: 'User',
                  render: (row) => <Link to={namespacePath(row.user)}>{row.user}</Link>,
                },
                {
                  key: 'remove',
                  title: <span className="visually-hidden">Remove</span>,
                  numeric: true,
                  render: (row) => (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Remove ${row.user}`}
                      onClick={() => remove.mutate(row.user)}
                    >
                      Remove
                    </Button>
                  ),
                },
              ]}
            />
          ) : (
            <p className={classes.matches}>Nobody yet.</p>
          )
        }
      </Query>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <FormError error={add.error} />
        <div className={classes.row}>
          <TextInput
            className={classes.grow}
            label="User name"
            required
            value={user}
            onChange={(event) => setUser(event.currentTarget.value)}
          />
          <Button type="submit" loading={add.isPending}>
            Add collaborator
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Teams({ repository }: { repository: Repository }) {
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

export function AccessSection({ repository }: { repository: Repository }) {
  return repository.namespace_type === 'Organization' ? (
    <Teams repository={repository} />
  ) : (
    <Collaborators repository={repository} />
  );
}
