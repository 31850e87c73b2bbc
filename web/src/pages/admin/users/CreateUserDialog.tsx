import { Checkbox, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { AccountNameInput, EmailInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';

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
    mutationFn: () =>
      call(
        api.POST('/api/berth/v1/admin/users', { body: { username, email: email || undefined, is_admin } }),
      ),
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
      <Form mutation={create} submit="Create" onCancel={onClose}>
        <AccountNameInput
          autoComplete="off"
          value={username}
          error={errors.username}
          onChange={setUsername}
          data-autofocus
        />
        <EmailInput autoComplete="off" value={email} error={errors.email} onChange={setEmail} />
        <Checkbox
          label="Administrator of this server"
          checked={is_admin}
          onChange={(event) => setAdmin(event.currentTarget.checked)}
        />
      </Form>
    </Modal>
  );
}
