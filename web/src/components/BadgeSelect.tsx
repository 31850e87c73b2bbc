import { NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Schemas } from '@/api/client';
import { notifyDone, notifyError } from './notify';
import { badgeLabels } from './TrustBadge';

interface Props {
  // What the badge is given to.
  name: string;
  badge: Schemas['Badge'];
  assign: (badge: Schemas['Badge']) => Promise<unknown>;
  onDone: () => unknown;
}

// Shows a trust badge and, for the administrator, gives another.
export function BadgeSelect({ name, badge, assign, onDone }: Props) {
  const set = useMutation({
    mutationFn: assign,
    onSuccess: () => {
      notifyDone('Badge changed');
      return onDone();
    },
    onError: notifyError,
  });
  return (
    <NativeSelect
      size="xs"
      aria-label={`Badge of ${name}`}
      data={[{ value: 'none', label: 'No badge' }, ...badgeLabels]}
      value={badge}
      disabled={set.isPending}
      onChange={(event) => set.mutate(event.currentTarget.value as Schemas['Badge'])}
    />
  );
}
