// What checks do again and again.
export const dialog = (page) => page.getByRole('dialog');
export const visible = (locator) => locator.first().waitFor({ timeout: 20_000 });
export const gone = (locator) => locator.first().waitFor({ state: 'detached', timeout: 20_000 });
export const sees = (text) => (page) => visible(page.getByRole('main').getByText(text));
export const row = (page, text) => page.getByRole('main').getByRole('row').filter({ hasText: text });

// Sends a form or presses a button, and waits for the message that it was done.
export async function press(page, button, message, place = page.getByRole('main')) {
  await place.getByRole('button', { name: button, exact: true }).click();
  if (message) await visible(page.getByRole('alert').filter({ hasText: message }));
}

// A name that no other check and no run before has used.
let count = 0;
export function fresh(stem) {
  count += 1;
  return `${stem}${Date.now().toString(36)}${count}`;
}
