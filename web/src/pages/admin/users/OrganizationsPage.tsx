import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { DataTable, type Column } from '@/components/DataTable';
import { Link } from '@/components/Link';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { formatBytes } from '@/lib/format';
import { namespacePath } from '@/lib/names';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import { NamespaceBadge } from './NamespaceBadge';
import { PlanSelect } from './PlanSelect';

type Row = Schemas['AdminOrganization'];

export function Component() {
  usePageTitle('Organizations', 'Administration');
  const [text, setText] = useState('');
  const query = useDebounced(text.trim());
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['admin-orgs', query],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/admin/orgs', {
          params: { query: { cursor: pageParam || undefined, query: query || undefined } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const update = useMutation({
    mutationFn: ({ name, disabled }: { name: string; disabled: boolean }) =>
      call(
        api.PATCH('/api/berth/v1/admin/orgs/{org_name}', {
          params: { path: { org_name: name } },
          body: { disabled },
        }),
      ),
    onSuccess: (row) => {
      notifyDone(row.disabled ? 'Disabled' : 'Enabled');
      return queries.invalidateQueries({ queryKey: ['admin-orgs'] });
    },
    onError: notifyError,
  });
  const columns: Column<Row>[] = [
    {
      key: 'org',
      title: 'Organization',
      render: (row) => <Link to={namespacePath(row.org.orgname)}>{row.org.orgname}</Link>,
    },
    {
      key: 'plan',
      title: 'Plan',
      render: (row) => (
        <PlanSelect namespace={row.org.orgname} plan={row.plan} organizations refresh="admin-orgs" />
      ),
    },
    {
      key: 'badge',
      title: 'Badge',
      wide: true,
      render: (row) => <NamespaceBadge namespace={row.org.orgname} badge={row.badge} refresh="admin-orgs" />,
    },
    { key: 'members', title: 'Members', numeric: true, render: (row) => row.members },
    {
      key: 'repositories',
      title: 'Repositories',
      numeric: true,
      wide: true,
      render: (row) => row.repositories,
    },
    {
      key: 'storage',
      title: 'Storage',
      numeric: true,
      wide: true,
      render: (row) => formatBytes(row.storage),
    },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) => (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => update.mutate({ name: row.org.orgname, disabled: !row.disabled })}
        >
          {row.disabled ? 'Enable' : 'Disable'}
        </Button>
      ),
    },
  ];
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Organizations">
      <TextInput
        type="search"
        aria-label="Find an organization"
        placeholder="Find an organization"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw={320}
      />
      {list.isPending && <LoadingRows />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty title="No organizations" />}
      {rows.length > 0 && (
        <DataTable label="Organizations" columns={columns} rows={rows} rowKey={(row) => row.org.orgname} />
      )}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}
