// Finding images: search, namespaces, what a stranger's text must not do.
import assert from 'node:assert/strict';
import { eventually } from '../browser.mjs';
import { gone, sees, visible } from './acts.mjs';

const found = (page, count) => visible(page.getByRole('main').getByRole('status').filter({ hasText: new RegExp(`^${count} images?$`) }));

async function searches(page) {
  await page.getByRole('main').getByRole('searchbox').fill('hostile');
  await visible(page.getByRole('link', { name: 'acme/hostile' }));
  await page.waitForURL(/q=hostile/);
  await page.getByRole('main').getByRole('searchbox').fill('zzxqvnothing');
  await found(page, 0);
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await visible(page.getByRole('main').getByRole('listitem'));
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('pull_count');
  await page.waitForURL(/sort=pull_count/);
}

async function filters(page) {
  await page.getByRole('checkbox', { name: 'Official image' }).click();
  await page.waitForURL(/badges=official/);
  await page.getByRole('checkbox', { name: 'ARM 64' }).click();
  await page.waitForURL(/architectures=arm64/);
  await page.getByRole('checkbox', { name: 'Web servers' }).click();
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
  await page.waitForURL(/q=toolbox/);
  const link = page.getByRole('link', { name: 'alice/toolbox' });
  await visible(link);
  for (let step = 0; step < 200 && !(await link.evaluate((each) => each === document.activeElement)); step += 1) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/r\/alice\/toolbox$/);
}

// A dialog takes the focus, keeps it, ends with Escape and gives it back.
async function keepsFocusInDialog(page) {
  const opener = page.getByRole('button', { name: 'Add or move a tag' });
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const field = dialog.getByRole('textbox', { name: 'Tag' });
  const isFocused = (locator) => locator.evaluate((each) => each === document.activeElement || each.contains(document.activeElement));
  await visible(field);
  await eventually(() => isFocused(field), 'the field has the focus');
  for (let step = 0; step < 8; step += 1) {
    await page.keyboard.press('Tab');
    assert.ok(await isFocused(dialog), 'the focus stays in the dialog');
  }
  await page.keyboard.press('Escape');
  await gone(dialog);
  await eventually(() => isFocused(opener), 'the focus is back');
}

async function opensAccountMenu(page) {
  await page.getByRole('button', { name: 'Account menu of alice' }).focus();
  await page.keyboard.press('Enter');
  await visible(page.getByRole('menuitem', { name: 'Account settings' }));
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await eventually(async () => {
    if ((await focused()) === 'Account settings') return true;
    await page.keyboard.press('ArrowDown');
    return false;
  }, 'the arrows reach the settings');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/settings$/);
}

// What one chose stays, whatever the system prefers.
async function keepsColors(page) {
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  await page.getByRole('button', { name: 'Dark colours' }).click();
  await eventually(async () => (await scheme()) === 'dark', 'dark colours');
  await page.reload();
  await eventually(async () => (await scheme()) === 'dark', 'dark colours after loading again');
  await page.getByRole('button', { name: 'Light colours' }).click();
  await eventually(async () => (await scheme()) === 'light', 'light colours');
  await page.evaluate(() => localStorage.removeItem('mantine-color-scheme-value'));
}

async function findsRepository(page) {
  await page.getByRole('searchbox', { name: 'Find a repository' }).fill('hostile');
  await visible(page.getByText('1 repository', { exact: true }));
  await page.getByRole('main').getByRole('link', { name: /hostile/ }).click();
  await page.waitForURL(/\/r\/acme\/hostile$/);
}

async function readsContract(page) {
  await page.getByRole('searchbox', { name: 'Find an operation' }).fill('users/login');
  await page.getByRole('button', { name: /\/v2\/users\/login/ }).first().click();
  await visible(page.getByText('Answers', { exact: true }));
  await page.getByRole('tab', { name: 'Registry API' }).click();
  await visible(page.getByRole('button', { name: /_catalog/ }));
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
  { name: 'keyboard-dialog', path: '/r/acme/api/tags/v2.4.1', as: 'alice', act: keepsFocusInDialog, picture: false },
  { name: 'keyboard-menu', path: '/', as: 'alice', act: opensAccountMenu, picture: false },
  { name: 'colours', path: '/', act: keepsColors, picture: false },
  { name: 'phone-menu', path: '/', as: 'alice', act: opensMenu, picture: false },
  { name: 'hostile-name', path: `/search?q=${markup}`, act: showsNameAsText, picture: false, expected: /status of 40[04]/ },
  { name: 'not-found', path: '/r/acme', act: sees('There is no such page') },
  { name: 'namespace', path: '/u/acme', act: findsRepository },
  { name: 'person', path: '/u/alice', as: 'alice', act: sees('toolbox') },
  { name: 'hostile-readme', path: '/r/acme/hostile', act: isHarmless },
  { name: 'api', path: '/docs/api', act: readsContract, whole: false },
];
