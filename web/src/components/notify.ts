import { notifications } from '@mantine/notifications';
import { messageOf } from '@/api/errors';

export function notifyDone(message: string) {
  notifications.show({ message, color: 'green', withBorder: true });
}

export function notifyError(error: unknown) {
  notifications.show({
    title: 'That did not work',
    message: messageOf(error),
    color: 'red',
    withBorder: true,
    autoClose: 8000,
  });
}
