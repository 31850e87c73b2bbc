import { Button, Group, Modal, NativeSelect, Radio, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { fieldErrors, FormError } from '@/components/FormError';
import { expiryChoices, expiryTime } from '@/lib/expiry';
import classes from '@/components/Form.module.css';

type Scope = Schemas['AccessTokenScope'];

export const scopeLabels: Record<Scope, string> = {
  'repo:public_read': 'Pull public images',
  'repo:read': 'Pull',
  'repo:write': 'Pull and push',
  'repo:admin': 'Pull, push and delete',
};

interface Props {
  opened: boolean;
  onClose: () => void;
  onCreated: (token: Schemas['AccessToken']) => void;
}

export function CreateTokenDialog({ opened, onClose, onCreated }: Props) {
  const [label, setLabel] = useState('');
  const [scope, setScope] = useState<Scope>('repo:read');
  const [days, setDays] = useState('90');
  const create = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/access-tokens', {
          body: { token_label: label, scopes: [scope], expires_at: expiryTime(days) },
        }),
      ),
    onSuccess: (token) => {
      setLabel('');
      onCreated(token);
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <Modal opened={opened} onClose={onClose} title="Create access token">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <FormError error={create.error} />
        <TextInput
          label="Name"
          description="What it is for, such as the machine or pipeline."
          required
          maxLength={100}
          value={label}
          error={errors.token_label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          data-autofocus
        />
        <Radio.Group label="Permission" value={scope} onChange={(value) => setScope(value as Scope)}>
          <div className={classes.choices}>
            {Object.entries(scopeLabels).map(([value, text]) => (
              <Radio key={value} value={value} label={text} />
            ))}
          </div>
        </Radio.Group>
        <NativeSelect
          label="Expires"
          data={expiryChoices}
          value={days}
          error={errors.expires_at}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
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
