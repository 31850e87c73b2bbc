// The fields that the first run and the settings of the server both ask for.
import { NativeSelect, TextInput } from '@mantine/core';
import type { Schemas } from '@/api/client';

interface Props<T> {
  value: T;
  onChange: (value: T) => void;
  error?: string;
}

export function ServerNameInput({ value, onChange, error }: Props<string>) {
  return (
    <TextInput
      label="Server name"
      description="Shown at the bottom of every page and where people sign in."
      required
      maxLength={100}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

export function SignUpSelect({ value, onChange }: Props<Schemas['SignUpPolicy']>) {
  return (
    <NativeSelect
      label="Who may sign up"
      data={[
        { value: 'closed', label: 'Only those with an invitation' },
        { value: 'open', label: 'Everybody' },
      ]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Schemas['SignUpPolicy'])}
    />
  );
}
