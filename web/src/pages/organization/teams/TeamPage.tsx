import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router-dom';
import { api, call } from '@/api/client';
import { AccessList, type Grant } from '@/components/AccessList';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable } from '@/components/DataTable';
import { Link } from '@/components/Link';
import { notifyDone } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { namespacePath, repositoryPath } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import classes from '@/components/Form.module.css';

function TeamMembers({ org, team, editable }: { org: string; team: string; editable: boolean }) {
  const path = { org_name: org, group_name: team };
  const [member, setMember] = useState('');
  const query = useQuery({
    queryKey: ['team-members', org, team],
    queryFn: async (): Promise<Grant[]> => {
      const answer = await call(
        api.GET('/v2/orgs/{org_name}/groups/{group_name}/members', {
          params: { path, query: { page_size: 100 } },
        }),
      );
      return (Array.isArray(answer) ? answer : answer.results).map(({ username, full_name }) => ({
        name: username,
        note: full_name,
        link: <Link to={namespacePath(username)}>{username}</Link>,
      }));
    },
  });
  return (
    <Section title="Members">
      <AccessList
        title="Member"
        label="Members"
        empty="Nobody yet."
        query={query}
        queryKeys={[
          ['team-members', org],
          ['teams', org],
        ]}
        editable={editable}
        onRemove={({ name: username }) =>
          call(
            api.DELETE('/v2/orgs/{org_name}/groups/{group_name}/members/{username}', {
              params: { path: { ...path, username } },
            }),
          )
        }
        onAdd={() =>
          call(
            api.POST('/v2/orgs/{org_name}/groups/{group_name}/members', {
              params: { path },
              body: { member: member.trim() },
            }),
          )
        }
        onAdded={() => setMember('')}
      >
        <TextInput
          className={classes.grow}
          label="User name"
          description="A member of the organization."
          required
          value={member}
          onChange={(event) => setMember(event.currentTarget.value)}
        />
      </AccessList>
    </Section>
  );
}

function TeamRepositories({ org, team }: { org: string; team: string }) {
  const repositories = useQuery({
    queryKey: ['team-repositories', org, team],
    queryFn: () =>
      call(
        api.GET('/v2/orgs/{org_name}/groups/{group_name}/repositories', {
          params: { path: { org_name: org, group_name: team }, query: { page_size: 100 } },
        }),
      ),
  });
  return (
    <Section title="Repositories" description="Permissions are given in the settings of each repository.">
      <Query query={repositories}>
        {(data) =>
          data.results.length === 0 ? (
            <p className={classes.dim}>None yet.</p>
          ) : (
            <DataTable
              label="Repositories"
              rows={data.results}
              rowKey={(row) => row.name}
              columns={[
                {
                  key: 'name',
                  title: 'Repository',
                  render: (row) => <Link to={repositoryPath(row)}>{row.name}</Link>,
                },
                { key: 'permission', title: 'Permission', render: (row) => row.permission },
              ]}
            />
          )
        }
      </Query>
    </Section>
  );
}

export function Component() {
  const { org, isOwner } = useOrganization();
  const { team = '' } = useParams();
  usePageTitle(team, org);
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      call(
        api.DELETE('/v2/orgs/{org_name}/groups/{group_name}', {
          params: { path: { org_name: org, group_name: team } },
        }),
      ),
    onSuccess: async () => {
      notifyDone('Team deleted');
      await queries.invalidateQueries({ queryKey: ['teams', org] });
      navigate(`/orgs/${org}/teams`);
    },
  });
  return (
    <Page
      title={team}
      actions={
        isOwner ? (
          <Button variant="default" onClick={() => setDeleting(true)}>
            Delete team
          </Button>
        ) : undefined
      }
    >
      <TeamMembers org={org} team={team} editable={isOwner} />
      <TeamRepositories org={org} team={team} />
      <ConfirmDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutate()}
        title="Delete team"
        confirm="Delete team"
        busy={remove.isPending}
        error={remove.error}
      >
        <p className={classes.dim}>
          Its members stay in the organization and lose the permissions of the team.
        </p>
      </ConfirmDialog>
    </Page>
  );
}
