import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { CurrentPasswordInput, EmailInput } from '@/components/AccountFields';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';

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
    <Form mutation={change} submit="Change address">
      <EmailInput label="New address" required value={email} error={errors.email} onChange={setEmail} />
      <CurrentPasswordInput
        required
        value={password}
        error={errors.current_password}
        onChange={setPassword}
      />
    </Form>
  );
}
