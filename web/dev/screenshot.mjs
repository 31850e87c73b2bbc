// Pictures of pages, for looking at them:  node dev/screenshot.mjs OUT_FOLDER [--as USER] [--dark] [--phone] PATH...
import { chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';

const args = process.argv.slice(2);
const take = (name, value) => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, value ? 2 : 1)[value ? 1 : 0];
};
const user = take('--as', true);
const dark = take('--dark');
const phone = take('--phone');
const [folder, ...paths] = args;
const base = process.env.BERTH_URL ?? 'http://127.0.0.1:22501';

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage({
  viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 860 },
  colorScheme: dark ? 'dark' : 'light',
});
page.on('console', (message) => message.type() === 'error' && console.log('console:', message.text()));
page.on('pageerror', (error) => console.log('error:', error.message));
if (user) {
  await page.goto(`${base}/signin`);
  await page.locator('input[autocomplete=username]').fill(user);
  await page
    .locator('input[autocomplete=current-password]')
    .fill(process.env.BERTH_PASSWORD ?? 'password-of-the-mock');
  await page.locator('main form button[type=submit]').click();
  await page.waitForURL((url) => !url.pathname.startsWith('/signin'));
}
for (const path of paths) {
  await page.goto(base + path);
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(300);
  const name =
    (path.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'home') +
    (dark ? '-dark' : '') +
    (phone ? '-phone' : '');
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  console.log(`${folder}/${name}.png`);
}
await browser.close();
