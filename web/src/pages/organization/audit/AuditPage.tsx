import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { isStatus } from '@/api/errors';
import { AuditTable } from '@/components/audit/AuditTable';
import { Page } from '@/components/Page';
import { Empty, Failure, LoadingRows } from '@/components/States';
import { useDebounced } from '@/lib/useDebounced';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import classes from '@/components/Form.module.css';

const pageSize = 50;

export function Component() {
  const { org } = useOrganization();
  usePageTitle('Audit log', org);
  const [filter, setFilter] = useState({ action: '', actor: '', name: '', from: '', to: '' });
  const settled = useDebounced(filter, 300);
  const set = (name: keyof typeof filter, value: string) => setFilter({ ...filter, [name]: value });
  const actions = useQuery({
    queryKey: ['audit-actions', org],
    queryFn: () => call(api.GET('/v2/auditlogs/{account}/actions', { params: { path: { account: org } } })),
    staleTime: Infinity,
  });
  const log = useInfiniteQuery({
    queryKey: ['audit', org, settled],
    queryFn: async ({ pageParam }) => {
      try {
        const answer = await call(
          api.GET('/v2/auditlogs/{account}', {
            params: {
              path: { account: org },
              query: {
                page: pageParam,
                page_size: pageSize,
                action: settled.action || undefined,
                actor: settled.actor.trim() || undefined,
                name: settled.name.trim() || undefined,
                from: settled.from ? new Date(settled.from).toISOString() : undefined,
                to: settled.to ? new Date(`${settled.to}T23:59:59.999`).toISOString() : undefined,
              },
            },
          }),
        );
        return answer.logs;
      } catch (error) {
        // Past the last entry.
        if (pageParam > 1 && isStatus(error, 404)) return [];
        throw error;
      }
    },
    initialPageParam: 1,
    getNextPageParam: (last, pages) => (last.length === pageSize ? pages.length + 1 : undefined),
    placeholderData: keepPreviousData,
  });
  const entries = log.data?.pages.flat() ?? [];
  const groups = Object.entries(actions.data?.actions ?? {});
  return (
    <Page
      title="Audit log"
      description="Every change to the organization, its repositories, teams and tokens."
    >
      <div className={classes.filters}>
        <NativeSelect
          label="Action"
          value={filter.action}
          onChange={(event) => set('action', event.currentTarget.value)}
        >
          <option value="">Every action</option>
          {groups.map(([prefix, group]) => (
            <optgroup key={prefix} label={group.label}>
              {group.actions.map(({ name, label }) => (
                <option key={name} value={`${prefix}.${name}`}>
                  {label}
                </option>
              ))}
            </optgroup>
          ))}
        </NativeSelect>
        <TextInput
          label="Who"
          placeholder="user name"
          value={filter.actor}
          onChange={(event) => set('actor', event.currentTarget.value)}
        />
        <TextInput
          label="On"
          placeholder="name"
          value={filter.name}
          onChange={(event) => set('name', event.currentTarget.value)}
        />
        <TextInput
          label="From"
          type="date"
          value={filter.from}
          onChange={(event) => set('from', event.currentTarget.value)}
        />
        <TextInput
          label="To"
          type="date"
          value={filter.to}
          onChange={(event) => set('to', event.currentTarget.value)}
        />
      </div>
      {log.isPending && <LoadingRows />}
      {log.isError && <Failure error={log.error} retry={() => void log.refetch()} />}
      {log.isSuccess && entries.length === 0 && (
        <Empty icon={<IconHistory size={30} />} title="Nothing was recorded for this choice" />
      )}
      {entries.length > 0 && <AuditTable entries={entries} />}
      {log.hasNextPage && (
        <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Page>
  );
}
