import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable } from '@/components/DataTable';
import { FormError } from '@/components/FormError';
import { Link } from '@/components/Link';
import { notifyDone, notifyError } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { namespacePath, repositoryPath } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import classes from '@/components/Form.module.css';

type Members = Schemas['GroupMember'][];

function TeamMembers({ org, team, editable }: { org: string; team: string; editable: boolean }) {
  const path = { org_name: org, group_name: team };
  const [member, setMember] = useState('');
  const queries = useQueryClient();
  const members = useQuery({
    queryKey: ['team-members', org, team],
    queryFn: async (): Promise<Members> => {
      const answer = await call(
        api.GET('/v2/orgs/{org_name}/groups/{group_name}/members', {
          params: { path, query: { page_size: 100 } },
        }),
      );
      return Array.isArray(answer) ? answer : answer.results;
    },
  });
  const done = (message: string) => () => {
    notifyDone(message);
    return Promise.all(
      ['team-members', 'teams'].map((key) => queries.invalidateQueries({ queryKey: [key, org] })),
    );
  };
  const add = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/orgs/{org_name}/groups/{group_name}/members', {
          params: { path },
          body: { member: member.trim() },
        }),
      ),
    onSuccess: () => (setMember(''), done('Member added')()),
  });
  const remove = useMutation({
    mutationFn: (username: string) =>
      call(
        api.DELETE('/v2/orgs/{org_name}/groups/{group_name}/members/{username}', {
          params: { path: { ...path, username } },
        }),
      ),
    onSuccess: done('Member removed'),
    onError: notifyError,
  });
  return (
    <Section title="Members">
      <Query query={members}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={classes.dim}>Nobody yet.</p>
          ) : (
            <DataTable
              label="Members"
              rows={rows}
              rowKey={(row) => row.username}
              columns={[
                {
                  key: 'user',
                  title: 'Member',
                  render: (row) => <Link to={namespacePath(row.username)}>{row.username}</Link>,
                },
                { key: 'name', title: 'Name', wide: true, render: (row) => row.full_name },
                {
                  key: 'remove',
                  title: <span className="visually-hidden">Remove</span>,
                  numeric: true,
                  render: (row) =>
                    editable && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`Remove ${row.username}`}
                        onClick={() => remove.mutate(row.username)}
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
      {editable && (
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
              value={member}
              onChange={(event) => setMember(event.currentTarget.value)}
            />
            <Button type="submit" loading={add.isPending}>
              Add member
            </Button>
          </div>
        </form>
      )}
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
