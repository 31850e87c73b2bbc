import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call } from '@/api/client';
import { useForgetSession } from '@/api/session';
import { CurrentPasswordInput } from '@/components/AccountFields';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { notifyDone } from '@/components/notify';
import { Section } from '@/components/Page';

export function DeleteAccount({ username }: { username: string }) {
  const [opened, setOpened] = useState(false);
  const [password, setPassword] = useState('');
  const forget = useForgetSession();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/user/delete', { body: { current_password: password } })),
    onSuccess: () => {
      forget();
      notifyDone('The account is deleted');
      navigate('/');
    },
  });
  return (
    <Section
      title="Delete the account"
      description="Only an account that owns no repositories and is not the last owner of an organization can be deleted."
    >
      <div>
        <Button color="red.8" onClick={() => setOpened(true)}>
          Delete account
        </Button>
      </div>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        onConfirm={() => remove.mutate()}
        title="Delete the account"
        confirm="Delete account"
        phrase={username}
        busy={remove.isPending}
        disabled={!password}
        error={remove.error}
      >
        <CurrentPasswordInput value={password} onChange={setPassword} />
      </ConfirmDialog>
    </Section>
  );
}
