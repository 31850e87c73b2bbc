import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { AccessList, type Grant } from '@/components/AccessList';
import { Link } from '@/components/Link';
import { Section } from '@/components/Page';
import { namespacePath } from '@/lib/names';
import { pathOf, type Repository } from '../queries';
import classes from '@/components/Form.module.css';

export function CollaboratorsSection({ repository }: { repository: Repository }) {
  const [user, setUser] = useState('');
  const path = pathOf(repository);
  const queryKey = ['collaborators', repository.namespace, repository.name];
  const query = useQuery({
    queryKey,
    queryFn: async (): Promise<Grant[]> => {
      const page = await call(
        api.GET('/v2/repositories/{namespace}/{repository}/collaborators', {
          params: { path, query: { page_size: 100 } },
        }),
      );
      return page.results.map(({ user: name }) => ({
        name,
        link: <Link to={namespacePath(name)}>{name}</Link>,
      }));
    },
  });
  return (
    <Section title="Collaborators" description="People who may pull and push besides the owner.">
      <AccessList
        title="Collaborator"
        label="Collaborators"
        empty="Nobody yet."
        query={query}
        queryKeys={[queryKey]}
        editable
        onRemove={({ name: username }) =>
          call(
            api.DELETE('/v2/repositories/{namespace}/{repository}/collaborators/{username}', {
              params: { path: { ...path, username } },
            }),
          )
        }
        onAdd={() =>
          call(
            api.POST('/v2/repositories/{namespace}/{repository}/collaborators', {
              params: { path },
              body: { user: user.trim() },
            }),
          )
        }
        onAdded={() => setUser('')}
      >
        <TextInput
          className={classes.grow}
          label="User name"
          required
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
      </AccessList>
    </Section>
  );
}
