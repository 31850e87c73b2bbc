import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call } from '@/api/client';
import { useForgetSession } from '@/api/session';
import { CurrentPasswordInput } from '@/components/AccountFields';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { notifyDone } from '@/components/notify';
import { Section } from '@/components/Page';
import classes from '@/components/Form.module.css';

export function ConvertAccount({ username }: { username: string }) {
  const [opened, setOpened] = useState(false);
  const [owner, setOwner] = useState('');
  const [password, setPassword] = useState('');
  const forget = useForgetSession();
  const navigate = useNavigate();
  const convert = useMutation({
    mutationFn: () =>
      call(
        api.POST('/api/berth/v1/user/convert', {
          body: { owner: owner.trim(), current_password: password },
        }),
      ),
    onSuccess: () => {
      forget();
      notifyDone(`${username} is an organization now: sign in as ${owner.trim()}`);
      navigate('/signin');
    },
  });
  return (
    <Section
      title="Turn the account into an organization"
      description="Its repositories keep their names. Nobody signs in as it any more, and it cannot be turned back."
    >
      <div>
        <Button variant="default" onClick={() => setOpened(true)}>
          Turn into an organization
        </Button>
      </div>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        onConfirm={() => convert.mutate()}
        title="Turn into an organization"
        confirm="Turn into an organization"
        phrase={username}
        busy={convert.isPending}
        disabled={!owner.trim() || !password}
        error={convert.error}
      >
        <p className={classes.dim}>Your access tokens, sessions and memberships end.</p>
        <TextInput
          label="First owner"
          description="Another account of yours, or of somebody you trust."
          autoCapitalize="none"
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value)}
        />
        <CurrentPasswordInput value={password} onChange={setPassword} />
      </ConfirmDialog>
    </Section>
  );
}
