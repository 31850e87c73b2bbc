import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { DataTable } from '@/components/DataTable';
import { FormError } from '@/components/FormError';
import { Link } from '@/components/Link';
import { notifyError } from '@/components/notify';
import { Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { namespacePath } from '@/lib/names';
import { pathOf, type Repository } from '../queries';
import classes from './Settings.module.css';
import { useRefresh } from './useRefresh';

export function CollaboratorsSection({ repository }: { repository: Repository }) {
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
