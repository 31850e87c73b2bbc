import { Alert, Button } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { CommandBox } from '@/components/CommandBox';
import classes from '@/components/Form.module.css';

export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <div className={classes.form}>
      <Alert color="yellow" icon={<IconEyeOff size={18} />}>
        Keep these recovery codes in a safe place. Each signs you in once without your phone; they are shown
        this once.
      </Alert>
      <CommandBox command={codes.join('\n')} label="Copy recovery codes" />
      <div>
        <Button onClick={onDone}>I have saved them</Button>
      </div>
    </div>
  );
}
