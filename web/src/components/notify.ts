// Short messages in a corner of the page.
import { messageOf } from '@/api/errors';
import { showToast } from './toasts/show';

export function notifyDone(message: string) {
  void showToast({ message, color: 'green' });
}

export function notifyError(error: unknown) {
  void showToast({ title: 'That did not work', message: messageOf(error), color: 'red', autoClose: 8000 });
}
