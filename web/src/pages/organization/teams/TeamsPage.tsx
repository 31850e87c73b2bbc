import { Button, Modal, TextInput } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { Form } from '@/components/Form';
import { DataTable } from '@/components/DataTable';
import { fieldErrors } from '@/components/FormError';
import { Link } from '@/components/Link';
import { notifyDone } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';

function CreateTeam({ org, opened, onClose }: { org: string; opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/orgs/{org_name}/groups', {
          params: { path: { org_name: org } },
          body: { name, description },
        }),
      ),
    onSuccess: () => {
      setName('');
      setDescription('');
      notifyDone('Team created');
      onClose();
      return queries.invalidateQueries({ queryKey: ['teams', org] });
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <Modal opened={opened} onClose={onClose} title="Create team">
      <Form mutation={create} submit="Create" onCancel={onClose}>
        <TextInput
          label="Name"
          required
          pattern="[a-z0-9]+([_\-][a-z0-9]+)*"
          title="Small letters and digits, separated by dashes or underscores"
          maxLength={30}
          value={name}
          error={errors.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="Description"
          maxLength={500}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      </Form>
    </Modal>
  );
}

export function Component() {
  const { org, isOwner, path } = useOrganization();
  usePageTitle('Teams', org);
  const [creating, setCreating] = useState(false);
  const teams = useQuery({
    queryKey: ['teams', org],
    queryFn: () =>
      call(api.GET('/v2/orgs/{org_name}/groups', { params: { path, query: { page_size: 100 } } })),
  });
  return (
    <Page
      title="Teams"
      description="A team gives its members a permission on repositories."
      actions={
        isOwner ? (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
            Create team
          </Button>
        ) : undefined
      }
    >
      <Query query={teams}>
        {(data) =>
          data.results.length === 0 ? (
            <Empty icon={<IconUsersGroup size={30} />} title="No teams yet">
              Create one, add members, and give it a permission in the settings of a repository.
            </Empty>
          ) : (
            <DataTable
              label="Teams"
              rows={data.results}
              rowKey={(row) => row.name}
              columns={[
                {
                  key: 'name',
                  title: 'Team',
                  render: (row) => (
                    <Link to={`/orgs/${encodeURIComponent(org)}/teams/${encodeURIComponent(row.name)}`}>
                      {row.name}
                    </Link>
                  ),
                },
                { key: 'description', title: 'Description', wide: true, render: (row) => row.description },
                { key: 'members', title: 'Members', numeric: true, render: (row) => row.member_count },
              ]}
            />
          )
        }
      </Query>
      <CreateTeam org={org} opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
