import { Button, Menu, NativeSelect, TextInput } from '@mantine/core';
import { IconDots, IconSearch, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable, type Column } from '@/components/DataTable';
import { Link } from '@/components/Link';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { SecretDialog } from '@/components/SecretDialog';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { formatBytes, plural } from '@/lib/format';
import { namespacePath } from '@/lib/names';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import { CreateUserDialog } from './CreateUserDialog';
import { NamespaceBadge } from './NamespaceBadge';
import { PlanSelect } from './PlanSelect';
import classes from '@/components/Form.module.css';

type User = Schemas['AdminUser'];
type State = User['state'];

interface ActionsProps {
  row: User;
  onLink: (link: string) => void;
  onDelete: (user: User) => void;
}

function Actions({ row, onLink, onDelete }: ActionsProps) {
  const queries = useQueryClient();
  const params = { params: { path: { username: row.user.username } } };
  const done = () => {
    notifyDone('Done');
    return queries.invalidateQueries({ queryKey: ['admin-users'] });
  };
  const settled = { onSuccess: done, onError: notifyError };
  const update = useMutation({
    mutationFn: (body: Schemas['AdminUpdateUserRequest']) =>
      call(api.PATCH('/api/berth/v1/admin/users/{username}', { ...params, body })),
    ...settled,
  });
  const reset = useMutation({
    mutationFn: () => call(api.DELETE('/api/berth/v1/admin/users/{username}/2fa', params)),
    ...settled,
  });
  const signOut = useMutation({
    mutationFn: () => call(api.DELETE('/api/berth/v1/admin/users/{username}/sessions', params)),
    ...settled,
  });
  const link = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/admin/users/{username}/password-link', params)),
    onSuccess: (answer) => onLink(answer.link),
    onError: notifyError,
  });
  const disabled = row.state === 'disabled';
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="compact-xs" variant="default" aria-label={`Actions for ${row.user.username}`}>
          <IconDots size={15} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => link.mutate()}>Make a password link</Menu.Item>
        {!row.email_verified && (
          <Menu.Item onClick={() => update.mutate({ email_verified: true })}>Confirm e-mail</Menu.Item>
        )}
        {row.two_factor_enabled && (
          <Menu.Item onClick={() => reset.mutate()}>Turn second factor off</Menu.Item>
        )}
        <Menu.Item onClick={() => signOut.mutate()}>Sign out everywhere</Menu.Item>
        <Menu.Item onClick={() => update.mutate({ is_admin: !row.is_admin })}>
          {row.is_admin ? 'Take administration away' : 'Make administrator'}
        </Menu.Item>
        <Menu.Item onClick={() => update.mutate({ disabled: !disabled })}>
          {disabled ? 'Enable' : 'Disable'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" onClick={() => onDelete(row)}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function Component() {
  usePageTitle('Users', 'Administration');
  const [text, setText] = useState('');
  const [state, setState] = useState<State | ''>('');
  const [creating, setCreating] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<User | null>(null);
  const query = useDebounced(text.trim());
  const queries = useQueryClient();
  const users = useInfiniteQuery({
    queryKey: ['admin-users', query, state],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/admin/users', {
          params: {
            query: { cursor: pageParam || undefined, query: query || undefined, state: state || undefined },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const remove = useMutation({
    mutationFn: (username: string) =>
      call(api.DELETE('/api/berth/v1/admin/users/{username}', { params: { path: { username } } })),
    onSuccess: () => {
      setDeleting(null);
      notifyDone('User deleted');
      return queries.invalidateQueries({ queryKey: ['admin-users'] });
    },
  });
  const rows = users.data?.pages.flatMap((page) => page.items) ?? [];
  const columns: Column<User>[] = [
    {
      key: 'user',
      title: 'User',
      render: (row) => (
        <>
          <Link to={namespacePath(row.user.username)}>{row.user.username}</Link>{' '}
          {row.is_admin && <strong>administrator</strong>}
          <div className={classes.dim}>{row.email}</div>
        </>
      ),
    },
    {
      key: 'state',
      title: 'State',
      render: (row) => (
        <span className={row.state === 'active' ? classes.good : classes.bad}>{row.state}</span>
      ),
    },
    { key: 'factor', title: '2FA', wide: true, render: (row) => (row.two_factor_enabled ? 'on' : 'off') },
    {
      key: 'plan',
      title: 'Plan',
      wide: true,
      render: (row) => (
        <PlanSelect
          namespace={row.user.username}
          plan={row.plan}
          organizations={false}
          refresh="admin-users"
        />
      ),
    },
    {
      key: 'badge',
      title: 'Badge',
      wide: true,
      render: (row) => (
        <NamespaceBadge namespace={row.user.username} badge={row.badge} refresh="admin-users" />
      ),
    },
    {
      key: 'storage',
      title: 'Storage',
      numeric: true,
      wide: true,
      render: (row) => <span className="nowrap">{formatBytes(row.storage)}</span>,
    },
    { key: 'login', title: 'Last sign-in', wide: true, render: (row) => <Ago time={row.last_login_at} /> },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) => <Actions row={row} onLink={setLink} onDelete={setDeleting} />,
    },
  ];
  return (
    <Page
      title="Users"
      description={users.data && plural(users.data.pages[0]?.total ?? 0, 'user')}
      actions={
        <Button leftSection={<IconUserPlus size={16} />} onClick={() => setCreating(true)}>
          Create user
        </Button>
      }
    >
      <div className={classes.row}>
        <TextInput
          type="search"
          className={classes.grow}
          aria-label="Find a user"
          placeholder="Name or e-mail"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value as State | '')}
          data={[{ value: '', label: 'Every state' }, 'active', 'disabled', 'unverified']}
        />
      </div>
      {users.isPending && <LoadingRows />}
      {users.isError && <Failure error={users.error} retry={() => void users.refetch()} />}
      {users.isSuccess && rows.length === 0 && <Empty title="Nobody matches" />}
      {rows.length > 0 && (
        <DataTable label="Users" columns={columns} rows={rows} rowKey={(row) => row.user.username} />
      )}
      {users.hasNextPage && (
        <Button
          variant="default"
          loading={users.isFetchingNextPage}
          onClick={() => void users.fetchNextPage()}
        >
          Show more
        </Button>
      )}
      <CreateUserDialog opened={creating} onClose={() => setCreating(false)} onLink={setLink} />
      <SecretDialog secret={link} title="Link to set a password" onClose={() => setLink(null)}>
        <p className={classes.dim}>Send it to the user. It works once.</p>
      </SecretDialog>
      <ConfirmDialog
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting && remove.mutate(deleting.user.username)}
        title="Delete user"
        confirm="Delete user"
        phrase={deleting?.user.username}
        busy={remove.isPending}
        error={remove.error}
      >
        <p className={classes.dim}>The account with its tokens and sessions goes.</p>
      </ConfirmDialog>
    </Page>
  );
}
