import { Button, Modal, NativeSelect, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { Form } from '@/components/Form';
import { plural } from '@/lib/format';
import { useRoleChoices } from './useRoleChoices';
import classes from '@/components/Form.module.css';

const statusText: Record<string, string> = {
  invited: 'invited',
  exists: 'already a member',
  duplicate: 'already invited',
  invalid: 'not a user name or address',
  no_seat: 'no seat left in the plan',
};

export function InviteDialog({
  org,
  opened,
  onClose,
}: {
  org: string;
  opened: boolean;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const roles = useRoleChoices(org);
  const [text, setText] = useState('');
  const [role, setRole] = useState('member');
  const [team, setTeam] = useState('');
  const teams = useQuery({
    queryKey: ['teams', org],
    queryFn: () =>
      call(
        api.GET('/v2/orgs/{org_name}/groups', {
          params: { path: { org_name: org }, query: { page_size: 100 } },
        }),
      ),
    enabled: opened,
  });
  const invitees = text.split(/[\s,;]+/).filter(Boolean);
  const invite = useMutation({
    mutationFn: () =>
      call(api.POST('/v2/invites/bulk', { body: { org, role, team: team || undefined, invitees } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invites', org] }),
  });
  const close = () => {
    setText('');
    invite.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={`Invite to ${org}`}>
      {invite.data ? (
        <div className={classes.form}>
          <ul>
            {invite.data.invitees.map(({ invitee, status }) => (
              <li key={invitee}>
                <strong>{invitee}</strong>: {statusText[status] ?? status}
              </li>
            ))}
          </ul>
          <Button onClick={close}>Done</Button>
        </div>
      ) : (
        <Form
          mutation={invite}
          submit={<>Invite {plural(invitees.length, 'person', 'people')}</>}
          disabled={invitees.length === 0}
          onCancel={close}
        >
          <Textarea
            label="User names or e-mail addresses"
            description="Separated by spaces, commas or lines."
            required
            autosize
            minRows={3}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
          <NativeSelect
            label="Role"
            data={roles}
            value={role}
            onChange={(event) => setRole(event.currentTarget.value)}
          />
          <NativeSelect
            label="Team"
            data={[{ value: '', label: 'None' }, ...(teams.data?.results.map(({ name }) => name) ?? [])]}
            value={team}
            onChange={(event) => setTeam(event.currentTarget.value)}
          />
        </Form>
      )}
    </Modal>
  );
}
