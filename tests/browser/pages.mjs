// What is visited, as whom, what must be seen and done there. `act` runs on the settled page and throws when something is missing.
import assert from 'node:assert/strict';
import { eventually } from './browser.mjs';
import { longList } from './seed.mjs';

const dialog = (page) => page.getByRole('dialog');
const visible = (locator) => locator.first().waitFor({ timeout: 10_000 });

async function searches(page) {
  await page.getByRole('main').getByRole('searchbox').fill('hostile');
  await page.getByRole('link', { name: 'acme/api', exact: true }).waitFor({ state: 'detached' });
  await visible(page.getByRole('link', { name: 'acme/hostile' }));
  await page.waitForURL(/q=hostile/);
}

async function suggests(page) {
  await page.getByRole('banner').getByRole('searchbox').fill('acme');
  await visible(page.getByRole('option'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/(r|u)\/acme/);
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

async function deletesTags(page) {
  await page.getByRole('checkbox', { name: 'Select pr-1182' }).check();
  await page.getByRole('checkbox', { name: 'Select pr-1181' }).check();
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete…' }).click();
  await visible(dialog(page).getByText('2 tags will be deleted'));
  await visible(dialog(page).getByText('Storage freed'));
  await dialog(page).getByRole('button', { name: 'Delete 2 tags' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'pr-1182' }).waitFor({ state: 'detached' });
}

async function retags(page) {
  await page.getByRole('button', { name: 'Add or move a tag' }).click();
  await dialog(page).getByRole('textbox', { name: 'Tag' }).fill('candidate');
  await dialog(page).getByRole('button', { name: 'Set tag' }).click();
  await dialog(page).waitFor({ state: 'detached' });
}

// A hundred thousand tags: few rows are drawn, and scrolling brings the next page.
async function scrollsFar(page) {
  const rows = page.getByRole('table', { name: 'Tags' }).getByRole('row');
  assert.ok((await rows.count()) < 80, 'too many rows drawn');
  const total = Number(await page.getByRole('table', { name: 'Tags' }).getAttribute('aria-rowcount')) - 1;
  assert.equal(total, longList);
  const lastRow = () =>
    page.evaluate(() => Number([...document.querySelectorAll('main [role=row]')].at(-1).getAttribute('aria-rowindex')));
  for (let step = 0; step < 30; step += 1) {
    await page.mouse.wheel(0, 4_000);
    await page.waitForTimeout(30);
  }
  await eventually(async () => (await lastRow()) > 150, 'the second page of tags');
  assert.ok((await rows.count()) < 80, 'too many rows drawn');
}

async function createsToken(page) {
  await page.getByRole('button', { name: 'Create token' }).click();
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill(`laptop ${Date.now()}`);
  await dialog(page).getByRole('button', { name: 'Create' }).click();
  await visible(dialog(page).getByText('shown this once'));
  await dialog(page).getByRole('button', { name: 'I have copied it' }).click();
}

const sees = (text) => (page) => visible(page.getByRole('main').getByText(text));

export const checks = [
  { name: 'explore', path: '/', act: searches },
  { name: 'suggestions', path: '/', act: suggests, picture: false },
  { name: 'sign-in', path: '/signin', act: (page) => visible(page.getByRole('heading', { name: /Sign in/ })) },
  { name: 'reset-password', path: '/reset-password', act: sees('E-mail of the account') },
  { name: 'not-found', path: '/r/acme', act: sees('There is no such page') },
  { name: 'namespace', path: '/u/acme', act: sees('api') },
  { name: 'overview', path: '/r/acme/api', act: sees('Recent tags') },
  { name: 'hostile-readme', path: '/r/acme/hostile', act: isHarmless },
  { name: 'overview-empty', path: '/r/alice/empty', as: 'alice', act: sees('docker push') },
  { name: 'tags', path: '/r/acme/api/tags', as: 'alice', act: deletesTags },
  { name: 'tags-long', path: '/r/acme/huge/tags', act: scrollsFar },
  { name: 'tag', path: '/r/acme/api/tags/v2.4.1', as: 'alice', act: retags },
  { name: 'files', path: '/r/acme/api/tags/v2.4.1/files', act: (page) => visible(page.getByRole('button', { name: 'etc' })) },
  { name: 'file', path: '/r/acme/api/tags/v2.4.1/files?path=/etc&file=/etc/passwd', act: sees('root:x:0:0') },
  { name: 'largest-files', path: '/r/acme/api/tags/v2.4.1/files?view=largest', act: (page) => visible(page.getByRole('row')) },
  { name: 'wasted-space', path: '/r/acme/api/tags/v2.4.1/files?view=wasted', act: sees('of the image is of use') },
  { name: 'compare', path: '/r/acme/api/compare?base=v2.4.0&target=v2.4.1', act: sees('Packages') },
  { name: 'storage', path: '/r/acme/api/storage', act: (page) => visible(page.getByRole('link', { name: 'Download CSV' })) },
  { name: 'repository-settings', path: '/r/acme/api/settings', as: 'alice', act: sees('Immutable tags') },
  { name: 'create-repository', path: '/repositories/create', as: 'alice', act: sees('Short description') },
  { name: 'profile', path: '/settings', as: 'alice', act: sees('Delete the account') },
  { name: 'security', path: '/settings/security', as: 'alice', act: sees('Second factor') },
  { name: 'access-tokens', path: '/settings/tokens', as: 'alice', act: createsToken },
  { name: 'sessions', path: '/settings/sessions', as: 'alice', act: sees('this one'), mock: false },
  { name: 'plan', path: '/settings/storage', as: 'alice', act: sees('Private repositories') },
  { name: 'activate', path: '/activate', as: 'alice', act: sees('Code') },
  { name: 'notifications', path: '/notifications', as: 'alice', act: sees('Notifications') },
  { name: 'members', path: '/orgs/acme', as: 'alice', act: (page) => visible(page.getByRole('button', { name: 'Invite' })) },
  { name: 'teams', path: '/orgs/acme/teams', as: 'alice', act: (page) => visible(page.getByRole('button', { name: 'Create team' })) },
  { name: 'organization-tokens', path: '/orgs/acme/tokens', as: 'alice', act: sees('Access tokens') },
  { name: 'audit-log', path: '/orgs/acme/audit', as: 'alice', act: sees('Audit log') },
  { name: 'organization-usage', path: '/orgs/acme/usage', as: 'alice', act: sees('Plan') },
  { name: 'organization-settings', path: '/orgs/acme/settings', as: 'alice', act: sees('Image access') },
  { name: 'health', path: '/admin', as: 'admin', act: sees('Requests a second') },
  { name: 'users', path: '/admin/users', as: 'admin', act: (page) => visible(page.getByRole('button', { name: 'Create user' })) },
  { name: 'organizations', path: '/admin/organizations', as: 'admin', act: sees('Organizations') },
  { name: 'plans', path: '/admin/plans', as: 'admin', act: (page) => visible(page.getByRole('button', { name: 'Create plan' })) },
  { name: 'server-settings', path: '/admin/server', as: 'admin', act: sees('Limit pulls') },
  { name: 'server-storage', path: '/admin/storage', as: 'admin', act: sees('Own') },
  { name: 'garbage', path: '/admin/garbage', as: 'admin', act: (page) => page.getByRole('button', { name: 'Collect now' }).click() },
  { name: 'jobs', path: '/admin/jobs', as: 'admin', act: sees('Jobs') },
  { name: 'server-audit', path: '/admin/audit', as: 'admin', act: sees('Audit log') },
  { name: 'mail', path: '/admin/mail', as: 'admin', act: sees('Mail') },
  { name: 'configuration', path: '/admin/configuration', as: 'admin', act: sees('Option') },
  { name: 'setup', path: '/setup', as: 'admin', act: sees('Welcome to Berth') },
  { name: 'api', path: '/docs/api', act: (page) => visible(page.getByRole('button', { name: /\/v2\/users\/login/ })) },
];
