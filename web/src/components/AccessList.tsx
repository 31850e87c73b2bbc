// People or teams with their permissions: who has one, changing it, taking it away, giving one to somebody else.
import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { DataTable, type Column } from './DataTable';
import { FormError } from './FormError';
import { notifyDone, notifyError } from './notify';
import { Query } from './Query';
import classes from './Form.module.css';

export interface Grant {
  // User or team name.
  name: string;
  link?: ReactNode;
  note?: string;
  permission?: string;
}

interface Props<T extends Grant> {
  // One of them: "Member", "Team".
  title: string;
  label: string;
  empty: string;
  query: UseQueryResult<T[]>;
  // Lists to load again after a change.
  queryKeys: readonly (readonly string[])[];
  // The permissions to choose from, when they differ.
  permissions?: { value: string; label: string }[];
  editable: boolean;
  onChange?: (grant: T, permission: string) => Promise<unknown>;
  onRemove: (grant: T) => Promise<unknown>;
  // Sends what the fields below hold; they are cleared by `onAdded`.
  onAdd: () => Promise<unknown>;
  onAdded: () => void;
  addDisabled?: boolean;
  // The fields that name who is added; null when there is nobody left to add.
  children: ReactNode;
}

export function AccessList<T extends Grant>({
  title,
  label,
  query,
  permissions,
  editable,
  ...props
}: Props<T>) {
  const queries = useQueryClient();
  const done = (message: string) => () => {
    notifyDone(message);
    return Promise.all(props.queryKeys.map((queryKey) => queries.invalidateQueries({ queryKey })));
  };
  const change = useMutation({
    mutationFn: ({ grant, permission }: { grant: T; permission: string }) =>
      props.onChange?.(grant, permission) ?? Promise.resolve(),
    onSuccess: done('Permission changed'),
    onError: notifyError,
  });
  const remove = useMutation({
    mutationFn: props.onRemove,
    onSuccess: done(`${title} removed`),
    onError: notifyError,
  });
  const add = useMutation({
    mutationFn: props.onAdd,
    onSuccess: () => (props.onAdded(), done(`${title} added`)()),
  });
  const columns: Column<T>[] = [
    { key: 'name', title, render: (row) => row.link ?? row.name },
    { key: 'note', title: 'Name', wide: true, render: (row) => row.note },
    {
      key: 'permission',
      title: 'Permission',
      render: (row) => (
        <NativeSelect
          size="xs"
          aria-label={`Permission of ${row.name}`}
          data={permissions}
          value={row.permission}
          onChange={(event) => change.mutate({ grant: row, permission: event.currentTarget.value })}
        />
      ),
    },
    {
      key: 'remove',
      title: <span className="visually-hidden">Remove</span>,
      numeric: true,
      render: (row) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Remove ${row.name}`}
          onClick={() => remove.mutate(row)}
        >
          Remove
        </Button>
      ),
    },
  ];
  const shown = (rows: T[]) =>
    columns.filter(
      ({ key }) =>
        (key !== 'note' || rows.some(({ note }) => note)) &&
        (key !== 'permission' || permissions) &&
        (key !== 'remove' || editable),
    );
  return (
    <>
      <Query query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={classes.dim}>{props.empty}</p>
          ) : (
            <DataTable label={label} columns={shown(rows)} rows={rows} rowKey={(row) => row.name} />
          )
        }
      </Query>
      {editable && props.children && (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <FormError error={add.error} />
          <div className={classes.row}>
            {props.children}
            <Button type="submit" loading={add.isPending} disabled={props.addDisabled}>
              Add {title.toLowerCase()}
            </Button>
          </div>
        </form>
      )}
    </>
  );
}
