import { Checkbox, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { Query } from '@/components/Query';
import classes from '@/components/Form.module.css';

export type Role = Schemas['CustomRole'];
type Permission = Schemas['RolePermissionName'];

interface Props {
  org: string;
  // What to change; 'new' makes one.
  role: Role | 'new';
  onClose: () => void;
}

function Fields({ org, role, onClose }: Props) {
  const old = role === 'new' ? undefined : role;
  const queries = useQueryClient();
  const [name, setName] = useState(old?.name ?? '');
  const [description, setDescription] = useState(old?.description ?? '');
  const [permissions, setPermissions] = useState<Permission[]>(old?.permissions ?? []);
  const choices = useQuery({
    queryKey: ['role-permissions'],
    queryFn: () => call(api.GET('/api/berth/v1/role-permissions')),
    staleTime: Infinity,
  });
  const save = useMutation({
    mutationFn: () => {
      if (!old) {
        return call(
          api.POST('/api/berth/v1/orgs/{org_name}/roles', {
            params: { path: { org_name: org } },
            body: { name: name.trim(), description, permissions },
          }),
        );
      }
      return call(
        api.PATCH('/api/berth/v1/orgs/{org_name}/roles/{role_name}', {
          params: { path: { org_name: org, role_name: old.name } },
          body: { description, permissions },
        }),
      );
    },
    onSuccess: () => {
      notifyDone(old ? 'Role saved' : 'Role created');
      onClose();
      return queries.invalidateQueries({ queryKey: ['roles', org] });
    },
  });
  const errors = fieldErrors(save.error);
  return (
    <Form
      mutation={save}
      submit={old ? 'Save' : 'Create'}
      disabled={permissions.length === 0}
      onCancel={onClose}
    >
      {!old && (
        <TextInput
          label="Name"
          required
          minLength={2}
          maxLength={64}
          value={name}
          error={errors.name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <TextInput
        label="Description"
        maxLength={500}
        value={description}
        error={errors.description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Query query={choices}>
        {(data) => (
          <Checkbox.Group
            label="Its members may"
            value={permissions}
            error={errors.permissions}
            onChange={(value) => setPermissions(value as Permission[])}
          >
            <div className={classes.choices}>
              {data.items.map((item) => (
                <Checkbox
                  key={item.name}
                  value={item.name}
                  label={item.label}
                  description={item.description}
                />
              ))}
            </div>
          </Checkbox.Group>
        )}
      </Query>
    </Form>
  );
}

// Makes a role, or changes what one allows.
export function RoleDialog({ role, ...rest }: Omit<Props, 'role'> & { role: Role | 'new' | null }) {
  const title = role === 'new' ? 'Create role' : `Role ${role?.name ?? ''}`;
  return (
    <Modal opened={role !== null} onClose={rest.onClose} title={title}>
      {role && <Fields role={role} {...rest} />}
    </Modal>
  );
}
