import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call } from '@/api/client';
import { fieldErrors, FormError } from '@/components/FormError';
import { Page } from '@/components/Page';
import { RequireSession } from '@/components/RequireSession';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

function Contents() {
  const [orgname, setName] = useState('');
  const [full_name, setFullName] = useState('');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => call(api.POST('/v2/orgs', { body: { orgname, full_name } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['session'] });
      navigate(`/orgs/${orgname}`);
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <Page
      title="Create organization"
      description="Shares repositories between people, with teams and permissions."
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <FormError error={create.error} />
        <TextInput
          label="Name"
          description="4 to 30 small letters and digits. It becomes part of the images' names."
          pattern="[a-z0-9]{4,30}"
          autoCapitalize="none"
          required
          autoFocus
          value={orgname}
          error={errors.orgname}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Full name"
          maxLength={255}
          value={full_name}
          error={errors.full_name}
          onChange={(event) => setFullName(event.currentTarget.value)}
        />
        <div>
          <Button type="submit" loading={create.isPending}>
            Create organization
          </Button>
        </div>
      </form>
    </Page>
  );
}

export function Component() {
  usePageTitle('Create organization');
  return <RequireSession>{() => <Contents />}</RequireSession>;
}
