import { Modal, NativeSelect, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { expiryChoices, expiryTime } from '@/lib/expiry';

export interface NewToken {
  label: string;
  expires_at?: string;
}

interface Props {
  opened: boolean;
  onClose: () => void;
  // Makes the token; its secret.
  create: (token: NewToken) => Promise<string>;
  onCreated: (secret: string) => void;
  // What the token may do.
  children: ReactNode;
}

// Asks for what every access token has: a name, an end, and (as children) what it may do.
export function TokenDialog({ opened, onClose, create, onCreated, children }: Props) {
  const [label, setLabel] = useState('');
  const [days, setDays] = useState('90');
  const send = useMutation({
    mutationFn: () => create({ label, expires_at: expiryTime(days) }),
    onSuccess: (secret) => {
      setLabel('');
      onCreated(secret);
    },
  });
  const errors = fieldErrors(send.error);
  return (
    <Modal opened={opened} onClose={onClose} title="Create access token">
      <Form mutation={send} submit="Create" onCancel={onClose}>
        <TextInput
          label="Name"
          description="What it is for, such as the machine or pipeline."
          required
          maxLength={100}
          value={label}
          error={errors.label ?? errors.token_label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          data-autofocus
        />
        {children}
        <NativeSelect
          label="Expires"
          data={expiryChoices}
          value={days}
          error={errors.expires_at}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
      </Form>
    </Modal>
  );
}
