import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call } from '@/api/client';
import { AccountNameInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { Page } from '@/components/Page';
import { RequireSession } from '@/components/RequireSession';
import { usePageTitle } from '@/lib/usePageTitle';

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
      <Form mutation={create} submit="Create organization">
        <AccountNameInput
          label="Name"
          autoComplete="off"
          autoFocus
          value={orgname}
          error={errors.orgname}
          onChange={setName}
        />
        <TextInput
          label="Full name"
          maxLength={255}
          value={full_name}
          error={errors.full_name}
          onChange={(event) => setFullName(event.currentTarget.value)}
        />
      </Form>
    </Page>
  );
}

export function Component() {
  usePageTitle('Create organization');
  return <RequireSession>{() => <Contents />}</RequireSession>;
}
