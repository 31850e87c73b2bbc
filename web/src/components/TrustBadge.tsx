import { IconAnchor, IconRosetteDiscountCheck, IconHeartHandshake } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import classes from './TrustBadge.module.css';

const badges = {
  official: { label: 'Official image', Icon: IconAnchor },
  verified_publisher: { label: 'Verified publisher', Icon: IconRosetteDiscountCheck },
  open_source: { label: 'Open source', Icon: IconHeartHandshake },
} as const;

export const badgeLabels = Object.entries(badges).map(([value, { label }]) => ({ value, label }));

// The trust badge that the administrator gave; nothing for none.
export function TrustBadge({ badge }: { badge: Schemas['Badge'] }) {
  if (badge === 'none' || !badges[badge]) return null;
  const { label, Icon } = badges[badge];
  return (
    <span className={classes.badge} data-badge={badge}>
      <Icon size={14} aria-hidden /> {label}
    </span>
  );
}
