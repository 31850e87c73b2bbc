import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { roleIn, useRegistryHost, useSession } from '@/api/session';
import { Form } from '@/components/Form';
import { CommandBox } from '@/components/CommandBox';
import { fieldErrors } from '@/components/FormError';
import { Page } from '@/components/Page';
import { LoadingPage } from '@/components/States';
import { imageReference, repositoryPath } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from './Create.module.css';

export function Component() {
  usePageTitle('Create repository');
  const session = useSession();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const host = useRegistryHost();
  const [namespace, setNamespace] = useState(params.get('namespace') ?? '');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [isPrivate, setPrivate] = useState(false);
  const owner = namespace || session?.user.username || '';
  const create = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/namespaces/{namespace}/repositories', {
          params: { path: { namespace: owner } },
          body: { name, description, is_private: isPrivate },
        }),
      ),
    onSuccess: () => navigate(repositoryPath({ namespace: owner, name })),
  });
  if (session === undefined) return <LoadingPage />;
  if (session === null) return <Navigate to="/signin?next=/repositories/create" replace />;
  const fields = fieldErrors(create.error);
  const namespaces = [
    session.user.username,
    ...session.organizations
      .map(({ orgname }) => orgname)
      .filter((each) => roleIn(session, each) !== 'member'),
  ];
  if (owner && !namespaces.includes(owner)) namespaces.push(owner);
  return (
    <Page
      title="Create repository"
      description="A push to a name that does not exist creates the repository too; here it can be described first."
    >
      <Form mutation={create} submit="Create">
        <div className={classes.name}>
          <NativeSelect
            label="Namespace"
            data={namespaces}
            value={owner}
            error={fields.namespace}
            onChange={(event) => setNamespace(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            required
            autoFocus
            autoCapitalize="none"
            pattern="[a-z0-9]+([._\-][a-z0-9]+)*"
            title="Small letters and digits, separated by dots, dashes or underscores"
            minLength={2}
            value={name}
            error={fields.name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <TextInput
          label="Short description"
          description="At most 100 characters; shown in search results."
          maxLength={100}
          value={description}
          error={fields.description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Checkbox
          label="Private"
          description="Only people and teams with permission see it."
          checked={isPrivate}
          onChange={(event) => setPrivate(event.currentTarget.checked)}
        />
        {name && (
          <CommandBox command={`docker push ${imageReference(host, { namespace: owner, name }, 'TAG')}`} />
        )}
      </Form>
    </Page>
  );
}
