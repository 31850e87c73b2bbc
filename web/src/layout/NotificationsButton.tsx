import { ActionIcon, Tooltip } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import classes from './NotificationsButton.module.css';

export function NotificationsButton({ unread }: { unread: number }) {
  const label = unread > 0 ? `Notifications, ${unread} unread` : 'Notifications';
  return (
    <Tooltip label={label} withArrow>
      <ActionIcon
        component={Link}
        to="/notifications"
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
      >
        <IconBell size={19} />
        {unread > 0 && <span className={classes.dot} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
