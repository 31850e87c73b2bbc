import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { messageOf } from '@/api/errors';
import classes from './ConfirmDialog.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  confirm: string;
  children: ReactNode;
  // To be typed before the button works, for what cannot be undone.
  phrase?: string;
  busy?: boolean;
  disabled?: boolean;
  error?: unknown;
  size?: string;
}

// Asks before something is destroyed.
export function ConfirmDialog(props: Props) {
  const [typed, setTyped] = useState('');
  const matches = !props.phrase || typed === props.phrase;
  const close = () => {
    setTyped('');
    props.onClose();
  };
  return (
    <Modal opened={props.opened} onClose={close} title={props.title} size={props.size ?? 'md'}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (matches && !props.disabled) props.onConfirm();
        }}
      >
        {props.children}
        {props.phrase && (
          <TextInput
            label={
              <>
                Type <code>{props.phrase}</code> to confirm
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {props.error ? (
          <p role="alert" className={classes.error}>
            {messageOf(props.error)}
          </p>
        ) : null}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" color="red.8" loading={props.busy} disabled={!matches || props.disabled}>
            {props.confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
