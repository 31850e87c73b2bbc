import { Button, FileButton, Group } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { FormError } from '@/components/FormError';
import { plural } from '@/lib/format';
import { InviteResults } from './InviteResults';
import classes from '@/components/Form.module.css';

interface Props {
  org: string;
  role: string;
  team: string;
  onDone: () => void;
}

// Invites everybody in a CSV file, after showing what would become of each line.
export function CsvInvite({ org, role, team, onDone }: Props) {
  const [file, setFile] = useState('');
  const send = (text: string, dry_run: boolean) =>
    call(
      api.POST('/api/berth/v1/orgs/{org_name}/invites/csv', {
        params: { path: { org_name: org }, query: { role, team: team || undefined, dry_run } },
        headers: { 'Content-Type': 'text/csv' },
        body: text,
        bodySerializer: (body: string) => body,
      }),
    );
  const check = useMutation({
    mutationFn: async (chosen: File) => {
      const text = await chosen.text();
      setFile(text);
      return send(text, true);
    },
  });
  const invite = useMutation({ mutationFn: () => send(file, false), onSuccess: onDone });
  if (invite.data) {
    return (
      <>
        <InviteResults invitees={invite.data.invitees} />
        <p className={classes.dim}>The invitations are on their way.</p>
      </>
    );
  }
  const going = check.data?.invitees.filter(({ status }) => status === 'invited').length ?? 0;
  return (
    <>
      <FormError error={check.error ?? invite.error} />
      <p className={classes.dim}>
        One person a line, in a column <code>email</code> or <code>username</code>; columns <code>role</code>{' '}
        and <code>team</code> count when they are there.
      </p>
      {check.data && <InviteResults invitees={check.data.invitees} />}
      <Group gap="xs">
        <FileButton accept="text/csv,.csv" onChange={(chosen) => chosen && check.mutate(chosen)}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              leftSection={<IconFileSpreadsheet size={16} />}
              loading={check.isPending}
            >
              Choose a CSV file
            </Button>
          )}
        </FileButton>
        {check.data && (
          <Button loading={invite.isPending} disabled={going === 0} onClick={() => invite.mutate()}>
            Invite {plural(going, 'person', 'people')}
          </Button>
        )}
      </Group>
    </>
  );
}
