import { Alert, Button, Modal } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CommandBox } from './CommandBox';
import classes from './Form.module.css';

interface Props {
  // null: closed.
  secret: string | null;
  title: string;
  onClose: () => void;
  children?: ReactNode;
}

// Shows a secret once. Closing is a choice, not an accident.
export function SecretDialog({ secret, title, onClose, children }: Props) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={title}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <div className={classes.secret}>
        <Alert color="yellow" icon={<IconEyeOff size={18} />}>
          Copy it now: it is shown this once and cannot be shown again.
        </Alert>
        <CommandBox command={secret ?? ''} label="Copy secret" />
        {children}
        <Button onClick={onClose}>I have copied it</Button>
      </div>
    </Modal>
  );
}
