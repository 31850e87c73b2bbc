// Finding images: search, namespaces, what a stranger's text must not do.
import assert from 'node:assert/strict';
import { gone, sees, visible } from './acts.mjs';

async function searches(page) {
  await page.getByRole('main').getByRole('searchbox').fill('hostile');
  await gone(page.getByRole('link', { name: 'acme/api', exact: true }));
  await visible(page.getByRole('link', { name: 'acme/hostile' }));
  await page.waitForURL(/q=hostile/);
}

async function filters(page) {
  await page.getByRole('checkbox', { name: 'Official image' }).click();
  await gone(page.getByRole('link', { name: 'acme/api', exact: true }));
  await page.getByRole('link', { name: 'nginx', exact: true }).click();
  await page.waitForURL(/\/_\/nginx$/);
  await visible(page.getByRole('heading', { level: 1, name: 'nginx' }));
}

async function suggests(page) {
  await page.getByRole('banner').getByRole('searchbox').fill('acme');
  await visible(page.getByRole('option'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/(r|u)\/acme/);
}

// Without a mouse: past the navigation, to the search, into the first result.
async function worksByKeyboard(page) {
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('toolbox');
  await gone(page.getByRole('link', { name: 'acme/api', exact: true }));
  const link = page.getByRole('link', { name: 'alice/toolbox' });
  await visible(link);
  for (let step = 0; step < 60 && !(await link.evaluate((each) => each === document.activeElement)); step += 1) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/r\/alice\/toolbox$/);
}

async function opensMenu(page) {
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'My repositories' }).click();
  await page.waitForURL(/\/u\/alice$/);
  await gone(page.getByRole('dialog'));
  await page.setViewportSize({ width, height });
}

async function isHarmless(page) {
  await visible(page.getByText('Hostile', { exact: true }));
  assert.equal(await page.evaluate(() => window.__hacked), undefined);
  const found = await page.evaluate(() => ({
    scripts: document.querySelectorAll('main script, main iframe, main form input[name=password], main style, main [style*=fixed]').length,
    handlers: [...document.querySelectorAll('main *')].filter((each) => each.hasAttribute('onerror')).length,
    links: [...document.querySelectorAll('main a')].filter((each) => /^(javascript|data):/i.test(each.getAttribute('href') ?? '')).length,
    roots: document.querySelectorAll('#root').length,
  }));
  assert.deepEqual(found, { scripts: 0, handlers: 0, links: 0, roots: 1 });
}

// A name that is markup is text, in the page, in the address and in the title.
async function showsNameAsText(page) {
  await visible(page.getByRole('link', { name: 'acme/hostile' }));
  assert.equal(await page.evaluate(() => window.__hacked), undefined);
  assert.equal(await page.locator('main img, main script').count(), 0);
  await page.goto('/r/acme/%3Cimg%20src%3Dx%20onerror%3D%22window.__hacked%3D1%22%3E');
  await visible(page.getByRole('main').getByText('Not found'));
  assert.equal(await page.evaluate(() => window.__hacked), undefined);
  assert.equal(await page.locator('main img, main script').count(), 0);
}

const markup = encodeURIComponent('<img src=x onerror="window.__hacked=1">');

export const checks = [
  { name: 'explore', path: '/', act: searches },
  { name: 'filters', path: '/', act: filters, picture: false },
  { name: 'suggestions', path: '/', act: suggests, picture: false },
  { name: 'keyboard', path: '/', act: worksByKeyboard, picture: false },
  { name: 'phone-menu', path: '/', as: 'alice', act: opensMenu, picture: false },
  { name: 'hostile-name', path: `/search?q=${markup}`, act: showsNameAsText, picture: false, expected: /status of 40[04]/ },
  { name: 'not-found', path: '/r/acme', act: sees('There is no such page') },
  { name: 'namespace', path: '/u/acme', act: sees('api') },
  { name: 'hostile-readme', path: '/r/acme/hostile', act: isHarmless },
  { name: 'api', path: '/docs/api', act: (page) => visible(page.getByRole('button', { name: /\/v2\/users\/login/ })) },
];
