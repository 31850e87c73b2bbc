import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { fieldErrors, FormError } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import classes from '@/components/Form.module.css';

export function EmailForm() {
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () =>
      call(
        api.PUT('/api/berth/v1/user/email', { body: { email: email.trim(), current_password: password } }),
      ),
    onSuccess: (settings) => {
      queries.setQueryData(['account-settings'], settings);
      setEmail('');
      setPassword('');
      notifyDone(
        settings.pending_email ? 'Confirm the new address with the link sent to it' : 'Address changed',
      );
    },
  });
  const errors = fieldErrors(change.error);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <FormError error={change.error} />
      <TextInput
        label="New address"
        type="email"
        autoComplete="email"
        required
        value={email}
        error={errors.email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        required
        value={password}
        error={errors.current_password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" variant="default" loading={change.isPending}>
          Change address
        </Button>
      </div>
    </form>
  );
}
