// Messages are kept by Mantine's store; this only tells the host when the first one comes.
export interface Toast {
  message: string;
  title?: string;
  color: string;
  autoClose?: number;
}

let wanted = false;
const listeners = new Set<() => void>();

export const toastsWanted = () => wanted;

export function onFirstToast(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function showToast(toast: Toast) {
  if (!wanted) {
    wanted = true;
    listeners.forEach((listener) => listener());
  }
  const { notifications } = await import('./Toasts');
  notifications.show({ ...toast, withBorder: true });
}
