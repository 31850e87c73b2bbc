// Runs the checks of pages/; see README.md.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, findBarriers, launch, openWindow, settle, showIn, signIn } from './browser.mjs';
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

async function hasBarriers(page) {
  const findings = await findBarriers(page);
  await showIn(page, 'dark');
  findings.push(...(await findBarriers(page)).map((line) => `dark: ${line}`));
  await showIn(page, 'light');
  return findings;
}

// A page that is wider than the screen makes people scroll sideways.
async function fitsPhone(page, name) {
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: phoneWidth, height: 844 });
  // Charts are drawn anew when they have noticed.
  const fits = () => page.evaluate((limit) => document.documentElement.scrollWidth <= limit, phoneWidth + 1);
  const finding = await eventually(fits, 'fits a phone').then(() => [], ({ message }) => [message]);
  await page.screenshot({ path: join(pictures, `${name}-phone.png`) });
  await page.setViewportSize({ width, height });
  return finding;
}

async function runCheck(window, check) {
  const { page, problems } = window;
  problems.length = 0;
  const findings = [];
  try {
    await page.goto(check.path);
    await settle(window);
    await check.ready?.(page);
    if (check.picture !== false) {
      await photograph(page, check);
      findings.push(...(await hasBarriers(page)), ...(await fitsPhone(page, check.name)));
    }
    await check.act(page, window);
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

// Notes when the search box stands on the page, from when on it takes what is typed, and when the first results do.
function noteMoments() {
  const moments = (window.__moments = {});
  const wanted = { input: 'main input[type=search]', results: 'main li a' };
  new MutationObserver((_, observer) => {
    for (const [name, selector] of Object.entries(wanted)) {
      if (!(name in moments) && document.querySelector(selector)) moments[name] = Math.round(performance.now());
    }
    if (Object.keys(wanted).every((name) => name in moments)) observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

// One visit of the first page with an empty cache: bytes over the wire, milliseconds from the beginning of the navigation.
async function visitFirstPage(browser, base) {
  const window = await openWindow(browser, base);
  const session = await window.context.newCDPSession(window.page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await window.context.addInitScript(noteMoments);
  await window.page.goto('/');
  await window.page.locator('main li a').first().waitFor();
  await settle(window);
  const moments = await window.page.evaluate(() => window.__moments);
  await window.context.close();
  return { bytes, ...moments };
}

// What the first page costs, and when it can be used. The times depend on what else the machine does, so they are only told.
async function measureFirstPage(browser, base) {
  const visits = [];
  for (let visit = 0; visit < 5; visit += 1) visits.push(await visitFirstPage(browser, base));
  const middle = (name) => visits.map((visit) => visit[name]).sort((a, b) => a - b)[2];
  const kib = Math.round(visits[0].bytes / 1024);
  console.log(`     first page: ${kib} KiB, search box after ${middle('input')} ms, results after ${middle('results')} ms (median of 5)`);
  return kib > 200 ? [`first page needs ${kib} KiB, more than 200`] : [];
}

async function main() {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  const begin = performance.now();
  let made = 0;
  let failed = 0;
  const report = (name, findings) => {
    console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const finding of findings) console.log(`       ${finding}`);
    made += 1;
    failed += findings.length > 0 ? 1 : 0;
  };
  await withServer({ mock, dist: args.includes('--dist') }, async (base, people) => {
    const browser = await launch();
    if (only[0] === '') {
      report('policy', await checkPolicy(base));
      report('first page', await measureFirstPage(browser, base));
    }
    const windows = { visitor: await openWindow(browser, base) };
    const windowOf = async (name) => {
      if (windows[name]) return windows[name];
      windows[name] = await openWindow(browser, base);
      await signIn(windows[name].page, people[name]);
      return windows[name];
    };
    for (const check of checks.filter(({ name }) => only.some((word) => name.includes(word)))) {
      if (mock && check.mock === false) console.log(`skip ${check.name}: not what the mock is for`);
      else report(check.name, await runCheck(await windowOf(check.as ?? 'visitor'), check));
    }
    await browser.close();
  });
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.log(`${made} checks, ${failed} failed, ${seconds} s`);
  process.exit(failed === 0 && made > 0 ? 0 : 1);
}

await main();
