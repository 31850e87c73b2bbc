import { Button, Modal, NativeSelect, Tabs, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { Form } from '@/components/Form';
import { plural } from '@/lib/format';
import { useRoleChoices } from '../useRoles';
import { CsvInvite } from './CsvInvite';
import { InviteResults } from './InviteResults';
import classes from '@/components/Form.module.css';

interface Props {
  org: string;
  onClose: () => void;
}

function Contents({ org, onClose }: Props) {
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
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['invites', org] });
  const invitees = text.split(/[\s,;]+/).filter(Boolean);
  const invite = useMutation({
    mutationFn: () =>
      call(api.POST('/v2/invites/bulk', { body: { org, role, team: team || undefined, invitees } })),
    onSuccess: refresh,
  });
  if (invite.data) {
    return (
      <div className={classes.stack}>
        <InviteResults invitees={invite.data.invitees} />
        <Button onClick={onClose}>Done</Button>
      </div>
    );
  }
  return (
    <div className={classes.stack}>
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
      <Tabs defaultValue="names" keepMounted={false}>
        <Tabs.List aria-label="Whom">
          <Tabs.Tab value="names">Names</Tabs.Tab>
          <Tabs.Tab value="csv">CSV file</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="names" pt="sm">
          <Form
            mutation={invite}
            submit={`Invite ${plural(invitees.length, 'person', 'people')}`}
            disabled={invitees.length === 0}
            onCancel={onClose}
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
          </Form>
        </Tabs.Panel>
        <Tabs.Panel value="csv" pt="sm">
          <div className={classes.stack}>
            <CsvInvite org={org} role={role} team={team} onDone={() => void refresh()} />
          </div>
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

export function InviteDialog({ opened, ...rest }: Props & { opened: boolean }) {
  return (
    <Modal opened={opened} onClose={rest.onClose} title={`Invite to ${rest.org}`}>
      {opened && <Contents {...rest} />}
    </Modal>
  );
}
