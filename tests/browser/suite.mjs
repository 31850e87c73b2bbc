// Runs the checks of pages.mjs; see README.md.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBarriers, launch, openWindow, settle, signIn } from './browser.mjs';
import { checks } from './pages.mjs';
import { seed } from './seed.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pictures = join(root, 'build/browser');
const args = process.argv.slice(2);
const mock = args.includes('--mock');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : '';
const phoneWidth = 390;

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function waitFor(url) {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${url} does not answer`);
}

function start(command, args, environment = {}) {
  return spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
}

// The server, or what stands in for it: the address of the pages, that of the server behind them, and the processes to end.
async function startServer(data) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  if (mock) {
    const child = start('node', [join(root, 'web/dev/mock-server.mjs')], { PORT: String(port), HOST: 'localhost' });
    await waitFor(`${base}/`);
    return { base, server: base, children: [child] };
  }
  const child = start(join(root, 'build/release/berth'), ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--no-access-log']);
  await waitFor(`${base}/readyz`);
  if (!args.includes('--dist')) return { base, server: base, children: [child] };
  const front = await freePort();
  const preview = start('node', [join(root, 'web/dev/preview.mjs')], { PORT: String(front), BERTH_API: base });
  await waitFor(`http://localhost:${front}/readyz`);
  return { base: `http://localhost:${front}`, server: base, children: [preview, child] };
}

async function photograph(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(120);
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: name !== 'tags-long' });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

// A page that is wider than the screen makes people scroll sideways.
async function fitsPhone(page, name) {
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: phoneWidth, height: 844 });
  await page.waitForTimeout(150);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.screenshot({ path: join(pictures, `${name}-phone.png`) });
  await page.setViewportSize({ width, height });
  return wide > phoneWidth + 1 ? [`${wide} pixels wide on a phone`] : [];
}

async function runCheck(window, check) {
  const { page, problems } = window;
  problems.length = 0;
  const findings = [];
  try {
    await page.goto(check.path);
    await settle(page);
    if (check.picture !== false) {
      await photograph(page, check.name);
      findings.push(...(await findBarriers(page)));
      await page.emulateMedia({ colorScheme: 'dark' });
      findings.push(...(await findBarriers(page)).map((line) => `dark: ${line}`));
      await page.emulateMedia({ colorScheme: 'light' });
      findings.push(...(await fitsPhone(page, check.name)));
    }
    await check.act(page);
  } catch (error) {
    findings.push(error.message.split('\n').slice(0, 4).join(' '));
    await page.screenshot({ path: join(pictures, `${check.name}-failed.png`) }).catch(() => undefined);
  }
  return [...findings, ...problems];
}

// What the first page costs, and when it can be used.
async function measureFirstPage(browser, base) {
  const { context, page } = await openWindow(browser, base);
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  const begin = performance.now();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Explore images' }).waitFor();
  const milliseconds = Math.round(performance.now() - begin);
  await page.waitForLoadState('networkidle');
  await context.close();
  console.log(`first page: ${Math.round(bytes / 1024)} KiB, usable after ${milliseconds} ms`);
  return bytes > 200 * 1024 ? [`first page needs ${Math.round(bytes / 1024)} KiB, more than 200`] : [];
}

async function main() {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  const data = mkdtempSync(join(tmpdir(), 'berth-browser-'));
  const { base, server, children } = await startServer(data);
  const browser = await launch();
  let failed = 0;
  const report = (name, findings) => {
    console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const finding of findings) console.log(`       ${finding}`);
    failed += findings.length > 0 ? 1 : 0;
  };
  try {
    const people = mock
      ? { alice: { username: 'alice', password: 'any' }, admin: { username: 'admin', password: 'any' } }
      : await seed(server, readFileSync(join(data, 'initial-admin-password'), 'utf8').trim());
    if (!only) report('first page', await measureFirstPage(browser, base));
    const windows = { visitor: await openWindow(browser, base) };
    for (const [name, person] of Object.entries(people)) {
      windows[name] = await openWindow(browser, base);
      await signIn(windows[name].page, person);
    }
    for (const check of checks.filter((each) => each.name.includes(only) && (!mock || each.mock !== false))) {
      report(check.name, await runCheck(windows[check.as ?? 'visitor'], check));
    }
  } finally {
    await browser.close();
    for (const child of children) child.kill('SIGTERM');
    rmSync(data, { recursive: true, force: true });
  }
  console.log(failed === 0 ? 'every check passed' : `${failed} checks failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
