import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { fieldErrors, FormError } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import classes from '@/components/Form.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
  onLink: (link: string) => void;
}

// Creates a user, who sets the password by a link.
export function CreateUserDialog({ opened, onClose, onLink }: Props) {
  const [username, setUsername] = useState('');
  const [email, setEmail] = useState('');
  const [is_admin, setAdmin] = useState(false);
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/admin/users', { body: { username, email: email || undefined, is_admin } })),
    onSuccess: (created) => {
      setUsername('');
      setEmail('');
      setAdmin(false);
      onClose();
      if (created.link) onLink(created.link);
      else notifyDone('User created');
      return queries.invalidateQueries({ queryKey: ['admin-users'] });
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <Modal opened={opened} onClose={onClose} title="Create user">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <FormError error={create.error} />
        <TextInput
          label="User name"
          description="4 to 30 small letters and digits."
          required
          pattern="[a-z0-9]{4,30}"
          value={username}
          error={errors.username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label="E-mail"
          type="email"
          value={email}
          error={errors.email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Checkbox label="Administrator of this server" checked={is_admin} onChange={(event) => setAdmin(event.currentTarget.checked)} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
