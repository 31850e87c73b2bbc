import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { FormError } from './FormError';
import classes from './Form.module.css';

interface Props {
  // What sending the form does; its error is shown above the fields.
  mutation: { mutate: () => void; error: unknown; isPending: boolean };
  // What the button says.
  submit: ReactNode;
  disabled?: boolean;
  // In a dialog: closes it.
  onCancel?: () => void;
  // Stretched over the card, as on the pages around signing in.
  wide?: boolean;
  hideError?: boolean;
  children: ReactNode;
}

// Fields, what went wrong, and the button that sends them.
export function Form({ mutation, submit, disabled, onCancel, wide, hideError, children }: Props) {
  const button = (
    <Button type="submit" loading={mutation.isPending} disabled={disabled} fullWidth={wide}>
      {submit}
    </Button>
  );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate();
      }}
    >
      {!hideError && <FormError error={mutation.error} />}
      {children}
      {onCancel ? (
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          {button}
        </Group>
      ) : (
        <div>{button}</div>
      )}
    </form>
  );
}
