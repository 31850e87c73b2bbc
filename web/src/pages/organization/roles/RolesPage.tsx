import { Button } from '@mantine/core';
import { IconPlus, IconUserShield } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { DataTable, type Column } from '@/components/DataTable';
import { notifyDone } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { Empty } from '@/components/States';
import { plural } from '@/lib/format';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import { useCustomRoles } from '../useRoles';
import { RoleDialog, type Role } from './RoleDialog';
import classes from '@/components/Form.module.css';

function DeleteRole({ org, role, onClose }: { org: string; role: Role | null; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (role_name: string) =>
      call(
        api.DELETE('/api/berth/v1/orgs/{org_name}/roles/{role_name}', {
          params: { path: { org_name: org, role_name } },
        }),
      ),
    onSuccess: () => {
      notifyDone('Role deleted');
      onClose();
      return queries.invalidateQueries({ queryKey: ['roles', org] });
    },
  });
  return (
    <ConfirmDialog
      opened={role !== null}
      onClose={() => (remove.reset(), onClose())}
      onConfirm={() => role && remove.mutate(role.name)}
      title="Delete role"
      confirm="Delete role"
      busy={remove.isPending}
      error={remove.error}
    >
      <p className={classes.dim}>
        {role?.member_count
          ? `${plural(role.member_count, 'member')} still have it: give them another role first.`
          : 'Nobody has it.'}
      </p>
    </ConfirmDialog>
  );
}

export function Component() {
  const { org, isOwner } = useOrganization();
  usePageTitle('Roles', org);
  const [editing, setEditing] = useState<Role | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Role | null>(null);
  const roles = useCustomRoles(org);
  const columns: Column<Role>[] = [
    {
      key: 'name',
      title: 'Role',
      render: (row) => (
        <>
          <strong>{row.name}</strong>
          {row.description && <div className={classes.dim}>{row.description}</div>}
        </>
      ),
    },
    { key: 'permissions', title: 'Allows', wide: true, render: (row) => row.permissions.join(', ') },
    { key: 'members', title: 'Members', numeric: true, render: (row) => row.member_count },
    ...(isOwner
      ? [
          {
            key: 'actions',
            title: <span className="visually-hidden">Actions</span>,
            numeric: true,
            render: (row: Role) => (
              <span className="nowrap">
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Change ${row.name}`}
                  onClick={() => setEditing(row)}
                >
                  Change
                </Button>{' '}
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Delete ${row.name}`}
                  onClick={() => setDeleting(row)}
                >
                  Delete
                </Button>
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <Page
      title="Roles"
      description="Besides owner, editor and member: roles that allow just what you choose."
      actions={
        isOwner ? (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
            Create role
          </Button>
        ) : undefined
      }
    >
      <Query query={roles}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon={<IconUserShield size={30} />} title="No roles of your own yet">
              Create one, then give it to a member on the page of the members.
            </Empty>
          ) : (
            <DataTable label="Roles" columns={columns} rows={data.items} rowKey={(row) => row.name} />
          )
        }
      </Query>
      <RoleDialog org={org} role={editing} onClose={() => setEditing(null)} />
      <DeleteRole org={org} role={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}
