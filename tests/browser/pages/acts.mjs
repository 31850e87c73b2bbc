// What checks do again and again. Locators wait for as long as the window's patience lasts.
import { eventually } from '../browser.mjs';

export const dialog = (page) => page.getByRole('dialog');
export const visible = (locator) => locator.first().waitFor();
export const gone = (locator) => locator.first().waitFor({ state: 'detached' });
export const sees = (text) => (page) => visible(page.getByRole('main').getByText(text));
export const row = (page, text) => page.getByRole('main').getByRole('row').filter({ hasText: text });

// Waits for a message in the corner and puts it away, so that the next of the same text is not taken for this one.
export async function told(page, message) {
  const alert = page.getByRole('alert').filter({ hasText: message });
  await visible(alert);
  // It may be gone by itself before it is pressed.
  await alert.first().getByRole('button').click({ timeout: 5_000 }).catch(() => undefined);
  await gone(page.getByRole('alert').filter({ hasText: message }));
}

// Sends a form or presses a button, and waits for the message that it was done.
export async function press(page, button, message, place = page.getByRole('main')) {
  await place.getByRole('button', { name: button, exact: true }).click();
  await told(page, message);
}

// Presses a button that copies; what the clipboard holds then.
export async function copied(page, button, expected) {
  await button.click();
  const text = () => page.evaluate(() => navigator.clipboard.readText());
  await eventually(async () => expected.test(await text()), `${expected} in the clipboard`);
}

// Follows a link that saves a file; its text.
export async function downloaded(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// A name that no other check and no run before has used.
let count = 0;
export function fresh(stem) {
  count += 1;
  return `${stem}${Date.now().toString(36)}${count}`;
}
