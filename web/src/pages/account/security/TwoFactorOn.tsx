import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { FormError } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { plural } from '@/lib/format';
import { RecoveryCodes } from './RecoveryCodes';
import classes from '@/components/Form.module.css';

export function TwoFactorOn({ codesLeft }: { codesLeft: number }) {
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [codes, setCodes] = useState<string[] | null>(null);
  const refresh = () => {
    setCodes(null);
    return Promise.all(
      ['account-settings', 'session'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    );
  };
  const clean = code.replace(/\s/g, '');
  const renew = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/user/2fa/recovery-codes', { body: { code: clean } })),
    onSuccess: (answer) => setCodes(answer.recovery_codes),
  });
  const disable = useMutation({
    mutationFn: () =>
      call(api.POST('/api/berth/v1/user/2fa/disable', { body: { code: clean, current_password: password } })),
    onSuccess: () => {
      notifyDone('The second factor is off');
      return refresh();
    },
  });
  if (codes) return <RecoveryCodes codes={codes} onDone={() => void refresh()} />;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        disable.mutate();
      }}
    >
      <p className={classes.dim}>
        <strong className={classes.good}>On.</strong> {plural(codesLeft, 'recovery code')} left.
      </p>
      <FormError error={renew.error ?? disable.error} />
      <TextInput
        label="Code from the app"
        autoComplete="one-time-code"
        required
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <PasswordInput
        label="Current password"
        description="Needed to turn the second factor off."
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <div className={classes.row}>
        <Button variant="default" disabled={!clean} loading={renew.isPending} onClick={() => renew.mutate()}>
          New recovery codes
        </Button>
        <Button type="submit" color="red.8" loading={disable.isPending}>
          Turn off
        </Button>
      </div>
    </form>
  );
}
