import { Button, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { AuditTable } from '@/components/audit/AuditTable';
import { Page } from '@/components/Page';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

const filters = [
  ['account', 'Account'],
  ['actor', 'Who'],
  ['action', 'Action'],
] as const;

export function Component() {
  usePageTitle('Audit log', 'Administration');
  const [filter, setFilter] = useState({ account: '', actor: '', action: '' });
  const settled = useDebounced(filter, 300);
  const log = useInfiniteQuery({
    queryKey: ['server-audit', settled],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/api/berth/v1/admin/audit', {
          params: {
            query: {
              cursor: pageParam || undefined,
              account: settled.account.trim() || undefined,
              actor: settled.actor.trim() || undefined,
              action: settled.action.trim() || undefined,
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const entries = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Audit log" description="Every change on this server.">
      <div className={classes.filters}>
        {filters.map(([name, label]) => (
          <TextInput
            key={name}
            label={label}
            value={filter[name]}
            onChange={(event) => setFilter({ ...filter, [name]: event.currentTarget.value })}
          />
        ))}
      </div>
      {log.isPending && <LoadingRows />}
      {log.isError && <Failure error={log.error} retry={() => void log.refetch()} />}
      {log.isSuccess && entries.length === 0 && (
        <Empty icon={<IconHistory size={30} />} title="Nothing was recorded for this choice" />
      )}
      {entries.length > 0 && <AuditTable entries={entries} withAccount />}
      {log.hasNextPage && (
        <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}
