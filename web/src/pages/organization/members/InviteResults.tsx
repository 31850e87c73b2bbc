import type { Schemas } from '@/api/client';
import classes from '@/components/Form.module.css';

const statusText: Record<string, string> = {
  invited: 'invited',
  exists: 'already a member',
  duplicate: 'already invited',
  invalid: 'not a user name or address',
  no_seat: 'no seat left in the plan',
};

// What became of each invitee, or would on a dry run.
export function InviteResults({ invitees }: { invitees: Schemas['BulkInvitee'][] }) {
  return (
    <ul className={classes.list}>
      {invitees.map(({ invitee, status }) => (
        <li key={invitee}>
          <strong>{invitee}</strong>: {statusText[status] ?? status}
        </li>
      ))}
    </ul>
  );
}
