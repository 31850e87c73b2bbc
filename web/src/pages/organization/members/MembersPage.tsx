import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconDownload, IconSearch, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable, type Column } from '@/components/DataTable';
import { Link } from '@/components/Link';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { namespacePath } from '@/lib/names';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import { InviteDialog } from './InviteDialog';
import { Invites } from './Invites';
import { useRoleChoices } from '../useRoles';
import classes from '@/components/Form.module.css';

type Member = Schemas['OrganizationMember'];

export function Component() {
  const { org, isOwner, path } = useOrganization();
  usePageTitle('Members', org);
  const [text, setText] = useState('');
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<Member | null>(null);
  const search = useDebounced(text.trim());
  const queries = useQueryClient();
  const roles = useRoleChoices(org);
  const members = useInfiniteQuery({
    queryKey: ['members', org, search],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/v2/orgs/{org_name}/members', {
          params: {
            path,
            query: { page: pageParam, page_size: 50, search: search || undefined, type: 'member' },
          },
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (last.next ? pages.length + 1 : undefined),
    placeholderData: keepPreviousData,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['members', org] });
  const change = useMutation({
    mutationFn: ({ username, role }: { username: string; role: string }) =>
      call(
        api.PUT('/v2/orgs/{org_name}/members/{username}', {
          params: { path: { ...path, username } },
          body: { role },
        }),
      ),
    onSuccess: () => (notifyDone('Role changed'), refresh()),
    onError: (error) => (notifyError(error), refresh()),
  });
  const remove = useMutation({
    mutationFn: (username: string) =>
      call(api.DELETE('/v2/orgs/{org_name}/members/{username}', { params: { path: { ...path, username } } })),
    onSuccess: () => {
      setRemoving(null);
      notifyDone('Member removed');
      return refresh();
    },
  });
  const rows = members.data?.pages.flatMap((page) => page.results) ?? [];
  const columns: Column<Member>[] = [
    {
      key: 'user',
      title: 'Member',
      render: (row) => (
        <>
          <Link to={namespacePath(row.username)}>{row.username}</Link>
          {row.full_name && <div className={classes.dim}>{row.full_name}</div>}
        </>
      ),
    },
    { key: 'email', title: 'E-mail', wide: true, render: (row) => row.email },
    {
      key: 'role',
      title: 'Role',
      render: (row) =>
        isOwner ? (
          <NativeSelect
            size="xs"
            aria-label={`Role of ${row.username}`}
            data={roles}
            value={roles.find(({ value }) => value === row.role.toLowerCase())?.value ?? row.role}
            onChange={(event) => change.mutate({ username: row.username, role: event.currentTarget.value })}
          />
        ) : (
          row.role
        ),
    },
    { key: 'teams', title: 'Teams', wide: true, render: (row) => row.groups.join(', ') },
    { key: 'seen', title: 'Last seen', wide: true, render: (row) => <Ago time={row.last_seen_at} /> },
    ...(isOwner
      ? [
          {
            key: 'remove',
            title: <span className="visually-hidden">Remove</span>,
            numeric: true,
            render: (row: Member) => (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Remove ${row.username}`}
                onClick={() => setRemoving(row)}
              >
                Remove
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Page
      title="Members"
      actions={
        isOwner ? (
          <>
            <Button
              component="a"
              href={`/v2/orgs/${encodeURIComponent(org)}/members/export`}
              download
              variant="default"
              leftSection={<IconDownload size={16} />}
            >
              CSV
            </Button>
            <Button leftSection={<IconUserPlus size={16} />} onClick={() => setInviting(true)}>
              Invite
            </Button>
          </>
        ) : undefined
      }
    >
      <TextInput
        type="search"
        aria-label="Find a member"
        placeholder="Find a member"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw={320}
      />
      {members.isPending && <LoadingRows />}
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
      {members.isSuccess && rows.length === 0 && <Empty title="Nobody matches" />}
      {rows.length > 0 && (
        <DataTable label="Members" columns={columns} rows={rows} rowKey={(row) => row.username} />
      )}
      {members.hasNextPage && (
        <Button
          variant="default"
          loading={members.isFetchingNextPage}
          onClick={() => void members.fetchNextPage()}
        >
          Show more
        </Button>
      )}
      {isOwner && <Invites org={org} />}
      <InviteDialog org={org} opened={inviting} onClose={() => setInviting(false)} />
      <ConfirmDialog
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing && remove.mutate(removing.username)}
        title="Remove member"
        confirm="Remove"
        busy={remove.isPending}
        error={remove.error}
      >
        <p className={classes.dim}>
          <strong>{removing?.username}</strong> loses every permission that came from {org}.
        </p>
      </ConfirmDialog>
    </Page>
  );
}
