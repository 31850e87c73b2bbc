// A page of Chromium that remembers what went wrong in it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
    ],
  });
}

// How long anything may take before it counts as missing: a machine that builds meanwhile is slow.
export const patience = 90_000;

// Calls `ask` until it answers true: the Content-Security-Policy forbids Playwright's own waitForFunction.
export async function eventually(ask, what) {
  for (const end = performance.now() + patience; performance.now() < end; ) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within ${patience / 1000} s`);
}

// Opens a window; `problems` gathers errors of the console, of scripts and requests to other hosts.
export async function openWindow(browser, base, options = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce', ...options });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: base });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const problems = [];
  const requests = new Set();
  let isLeaving = false;
  page.on('request', (request) => {
    requests.add(request);
    isLeaving ||= request.isNavigationRequest() && request.frame() === page.mainFrame();
  });
  // Of what the page before had asked for, nobody tells the end.
  page.on('framenavigated', (frame) => isLeaving && frame === page.mainFrame() && requests.clear());
  page.on('domcontentloaded', () => (isLeaving = false));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => requests.delete(request));
  page.on('console', (message) => message.type() === 'error' && problems.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (/^https?:$/.test(protocol) && origin !== base) problems.push(`request to another host: ${request.url()}`);
  });
  return { context, page, problems, requests };
}

export async function signIn(page, { username, password }) {
  await page.goto('/signin');
  await page.locator('input[autocomplete=username]').fill(username);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.locator('main form button[type=submit]').click();
  await page.getByRole('button', { name: `Account menu of ${username}` }).waitFor();
}

// Shows the page in light or dark; colours that fade have reached their end.
export async function showIn(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const fading = document.getAnimations().filter((each) => each instanceof CSSTransition);
    await Promise.allSettled(fading.map(({ finished }) => finished));
  });
}

// Serious and critical findings of axe, as lines.
export async function findBarriers(page) {
  // Not a script element: the Content-Security-Policy would refuse that.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, nodes }) => `axe ${impact}: ${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', ')}`);
}

// The page has everything it asked for and has drawn it: seen twice in a row, for an answer may lead to the next question.
export async function settle({ page, requests }) {
  let calm = 0;
  await eventually(async () => {
    const loading = await page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return !document.querySelector('main')?.hasChildNodes() || document.querySelector('[role=status][aria-label=Loading]') !== null;
    });
    calm = loading || requests.size > 0 ? 0 : calm + 1;
    return calm === 2;
  }, 'the page is complete');
}
