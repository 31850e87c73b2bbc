import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Ago } from '@/components/Ago';
import { DataTable, type Column } from '@/components/DataTable';
import classes from '@/components/Form.module.css';

export interface Token {
  id: string;
  label: string;
  // What it may do, or who made it.
  note: string;
  created: string;
  used: string | null;
  expires: string | null;
  active: boolean;
}

interface Props {
  tokens: Token[];
  noteTitle: string;
  onToggle: (token: Token) => void;
  onDelete: (token: Token) => void;
}

export function TokenTable({ tokens, noteTitle, onToggle, onDelete }: Props) {
  const columns: Column<Token>[] = [
    { key: 'label', title: 'Name', render: (row) => row.label },
    { key: 'note', title: noteTitle, wide: true, render: (row) => row.note },
    { key: 'created', title: 'Created', wide: true, render: (row) => <Ago time={row.created} /> },
    { key: 'used', title: 'Last used', wide: true, render: (row) => <Ago time={row.used} /> },
    { key: 'expires', title: 'Expires', wide: true, render: (row) => <Ago time={row.expires} /> },
    {
      key: 'state',
      title: 'State',
      render: (row) => (
        <span className={row.active ? classes.good : classes.bad}>{row.active ? 'active' : 'inactive'}</span>
      ),
    },
    {
      key: 'actions',
      title: <span className="visually-hidden">Actions</span>,
      numeric: true,
      render: (row) => (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${row.label}`}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onToggle(row)}>{row.active ? 'Deactivate' : 'Activate'}</Menu.Item>
            <Menu.Item color="red" onClick={() => onDelete(row)}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ),
    },
  ];
  return <DataTable label="Access tokens" columns={columns} rows={tokens} rowKey={(row) => row.id} />;
}
