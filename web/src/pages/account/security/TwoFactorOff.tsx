import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { CurrentPasswordInput } from '@/components/AccountFields';
import { CopyButton } from '@/components/CopyButton';
import { FormError } from '@/components/FormError';
import { RecoveryCodes } from './RecoveryCodes';
import classes from '@/components/Form.module.css';

// Turns the second factor on: password, QR code, first code, recovery codes.
export function TwoFactorOff() {
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const [codes, setCodes] = useState<string[] | null>(null);
  const enrol = useMutation({
    mutationFn: () =>
      call(api.POST('/api/berth/v1/user/2fa/enrol', { body: { current_password: password } })),
  });
  const refresh = () =>
    Promise.all(['account-settings', 'session'].map((key) => queries.invalidateQueries({ queryKey: [key] })));

  if (codes) return <RecoveryCodes codes={codes} onDone={() => void refresh()} />;
  if (enrol.data) return <Confirm enrolment={enrol.data} onCodes={setCodes} />;
  return (
    <Form mutation={enrol} submit="Turn on">
      <CurrentPasswordInput required value={password} onChange={setPassword} />
    </Form>
  );
}

interface ConfirmProps {
  enrolment: Schemas['TwoFactorEnrolment'];
  onCodes: (codes: string[]) => void;
}

function Confirm({ enrolment, onCodes }: ConfirmProps) {
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () =>
      call(api.POST('/api/berth/v1/user/2fa/confirm', { body: { code: code.replace(/\s/g, '') } })),
    onSuccess: (answer) => onCodes(answer.recovery_codes),
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <p className={classes.dim}>Scan the code with an authenticator app, or type the key by hand.</p>
      <img
        src={`data:image/svg+xml;utf8,${encodeURIComponent(enrolment.qr_svg)}`}
        alt="QR code of the key below"
        width={190}
        height={190}
        style={{ background: '#fff', borderRadius: 6, padding: 6 }}
      />
      <div>
        <code>{enrolment.secret}</code> <CopyButton value={enrolment.secret} label="Copy key" />
      </div>
      <FormError error={confirm.error} />
      <TextInput
        label="Code from the app"
        autoComplete="one-time-code"
        inputMode="numeric"
        required
        autoFocus
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <div>
        <Button type="submit" loading={confirm.isPending}>
          Confirm
        </Button>
      </div>
    </form>
  );
}
