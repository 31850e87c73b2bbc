// The pictures of README.md, made anew in docs/images: run by `tests/browser/run --readme`.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { launch, openWindow, settle, signIn } from './browser.mjs';
import { root, withServer } from './server.mjs';

const folder = join(root, 'docs/images');
const largest = 150 * 1024;
const pictures = [
  { name: 'explore', path: '/' },
  { name: 'tag', path: '/r/acme/api/tags/v2.4.1', colorScheme: 'dark' },
  { name: 'files', path: '/r/acme/api/tags/v2.4.1/files?path=/app&file=/app/config.toml' },
  { name: 'compare', path: '/r/acme/api/compare?base=v2.4.0&target=v2.4.1', colorScheme: 'dark' },
  { name: 'storage', path: '/r/acme/api/storage' },
];

mkdirSync(folder, { recursive: true });
await withServer({ dist: process.argv.includes('--dist') }, async (base, people) => {
  const browser = await launch();
  const window = await openWindow(browser, base, { viewport: { width: 1200, height: 760 } });
  const { page } = window;
  await signIn(page, people.alice);
  for (const { name, path, colorScheme = 'light' } of pictures) {
    await page.emulateMedia({ colorScheme });
    await page.goto(path);
    await settle(window);
    await page.getByText('Reading the layers').waitFor({ state: 'detached' });
    await settle(window);
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    console.log(`${name}.png: ${Math.round(size / 1024)} KiB`);
    if (size > largest) throw new Error(`${file} is larger than ${largest / 1024} KiB`);
  }
  await browser.close();
});
process.exit(0);
