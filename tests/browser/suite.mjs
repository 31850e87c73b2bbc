// Runs the checks of pages/; see README.md.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBarriers, launch, openWindow, settle, showIn, signIn } from './browser.mjs';
import { checks as accountChecks } from './pages/account.mjs';
import { checks as adminChecks } from './pages/admin.mjs';
import { checks as exploreChecks } from './pages/explore.mjs';
import { checks as imageChecks } from './pages/image.mjs';
import { checks as organizationChecks } from './pages/organization.mjs';
import { checks as repositoryChecks } from './pages/repository.mjs';
import { root, withServer } from './server.mjs';

const checks = [exploreChecks, repositoryChecks, imageChecks, accountChecks, organizationChecks, adminChecks].flat();
const pictures = join(root, 'build/browser');
const args = process.argv.slice(2);
const mock = args.includes('--mock');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : [''];
const phoneWidth = 390;

async function photograph(page, { name, whole = true }) {
  for (const colorScheme of ['light', 'dark']) {
    await showIn(page, colorScheme);
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: whole });
  }
  await showIn(page, 'light');
}

// A page that is wider than the screen makes people scroll sideways.
async function fitsPhone(page, name) {
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: phoneWidth, height: 844 });
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
    await check.ready?.(page);
    if (check.picture !== false) {
      await photograph(page, check);
      findings.push(...(await findBarriers(page)));
      await showIn(page, 'dark');
      findings.push(...(await findBarriers(page)).map((line) => `dark: ${line}`));
      await showIn(page, 'light');
      findings.push(...(await fitsPhone(page, check.name)));
    }
    await check.act(page);
  } catch (error) {
    findings.push(error.message.split('\n').slice(0, 4).join(' '));
    await page.screenshot({ path: join(pictures, `${check.name}-failed.png`) }).catch(() => undefined);
  }
  return [...findings, ...problems.filter((problem) => !check.expected?.test(problem))];
}

// Nothing but this server's own files may run, style or be fetched, and nobody may frame the pages.
async function checkPolicy(base) {
  const { headers } = await fetch(base);
  const policy = headers.get('Content-Security-Policy') ?? '';
  const wanted = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"];
  const directives = policy.split(';').map((each) => each.trim());
  const missing = wanted.filter((each) => !directives.includes(each)).map((each) => `the policy lacks ${each}`);
  const loose = /unsafe-|\*|https?:/.test(policy) ? [`the policy is loose: ${policy}`] : [];
  return [...missing, ...loose];
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
  let failed = 0;
  const report = (name, findings) => {
    console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const finding of findings) console.log(`       ${finding}`);
    failed += findings.length > 0 ? 1 : 0;
  };
  await withServer({ mock, dist: args.includes('--dist') }, async (base, people) => {
    const browser = await launch();
    if (only[0] === '') {
      report('policy', await checkPolicy(base));
      report('first page', await measureFirstPage(browser, base));
    }
    const windows = { visitor: await openWindow(browser, base) };
    for (const [name, person] of Object.entries(people)) {
      windows[name] = await openWindow(browser, base);
      await signIn(windows[name].page, person);
    }
    for (const check of checks.filter(({ name }) => only.some((word) => name.includes(word)))) {
      if (mock && check.mock === false) console.log(`skip ${check.name}: not what the mock is for`);
      else report(check.name, await runCheck(windows[check.as ?? 'visitor'], check));
    }
    await browser.close();
  });
  console.log(failed === 0 ? 'every check passed' : `${failed} checks failed`);
  process.exit(failed === 0 ? 0 : 1);
}

await main();
