import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { DataTable, type Column } from '@/components/DataTable';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';

type Entry = Schemas['ConfigurationEntry'];

const columns: Column<Entry>[] = [
  {
    key: 'name',
    title: 'Option',
    render: (row) => (
      <>
        <code>{row.name}</code>
        <br />
        {row.description}
      </>
    ),
  },
  {
    key: 'value',
    title: 'Value',
    render: (row) =>
      row.source === 'default' ? (
        <code>{row.value}</code>
      ) : (
        <code style={{ fontWeight: 700 }}>{row.value}</code>
      ),
  },
  { key: 'default', title: 'Default', wide: true, render: (row) => <code>{row.default}</code> },
  { key: 'source', title: 'Set by', wide: true, render: (row) => row.source },
];

export function Component() {
  usePageTitle('Configuration', 'Administration');
  const [text, setText] = useState('');
  const query = useQuery({
    queryKey: ['configuration'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/config')),
  });
  const matches = ({ name, description }: Entry) =>
    `${name} ${description}`.toLowerCase().includes(text.trim().toLowerCase());
  return (
    <Page
      title="Configuration"
      description="What the server was started with. Change it in the file, the environment or the command line."
    >
      <TextInput
        type="search"
        aria-label="Find an option"
        placeholder="Find an option"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maw={320}
      />
      <Query query={query}>
        {(data) => (
          <DataTable
            label="Configuration"
            columns={columns}
            rows={data.items.filter(matches)}
            rowKey={(row) => row.name}
          />
        )}
      </Query>
    </Page>
  );
}
