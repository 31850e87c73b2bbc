// The fields that accounts are made and kept with, the same wherever they are asked for.
import { PasswordInput, TextInput, type PasswordInputProps, type TextInputProps } from '@mantine/core';

type Text = Omit<TextInputProps, 'onChange' | 'value'> & { value: string; onChange: (value: string) => void };
type Secret = Omit<PasswordInputProps, 'onChange' | 'value'> & {
  value: string;
  onChange: (value: string) => void;
};

// The name of a user or an organization.
export function AccountNameInput({ onChange, ...rest }: Text) {
  return (
    <TextInput
      label="User name"
      description="4 to 30 small letters and digits. It becomes part of the images' names."
      autoComplete="username"
      autoCapitalize="none"
      pattern="[a-z0-9]{4,30}"
      required
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}

export function EmailInput({ onChange, ...rest }: Text) {
  return (
    <TextInput
      label="E-mail"
      type="email"
      autoComplete="email"
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}

export function CurrentPasswordInput({ onChange, ...rest }: Secret) {
  return (
    <PasswordInput
      label="Current password"
      autoComplete="current-password"
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}

export function NewPasswordInput({ onChange, ...rest }: Secret) {
  return (
    <PasswordInput
      label="New password"
      description="At least 8 characters."
      autoComplete="new-password"
      minLength={8}
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}
