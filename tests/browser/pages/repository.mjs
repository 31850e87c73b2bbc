// A repository's pages: overview, tags, settings.
import assert from 'node:assert/strict';
import { eventually } from '../browser.mjs';
import { logoOf } from '../images.mjs';
import { longList } from '../seed.mjs';
import { copied, dialog, fresh, gone, press, row, sees, told, visible } from './acts.mjs';

async function stars(page) {
  const star = page.getByRole('button', { name: /^Starred/ });
  await star.click();
  await page.getByRole('button', { name: /^Star ·/ }).click();
  await visible(star);
  await copied(page, page.getByRole('button', { name: 'Copy pull command' }).first(), /^docker pull .*acme\/api:latest$/);
}

async function filtersTags(page) {
  await visible(row(page, 'v2.4.1').getByRole('img', { name: 'Immutable' }));
  await page.getByRole('searchbox', { name: 'Filter tags' }).fill('pr-');
  await visible(page.getByText('2 tags', { exact: true }));
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('-name');
  await visible(page.getByRole('table', { name: 'Tags' }).getByRole('row').nth(1).getByRole('link', { name: 'pr-1182' }));
  await page.getByRole('combobox', { name: 'Architecture' }).selectOption('arm64');
  await visible(page.getByText('No tag matches'));
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await visible(row(page, 'latest'));
}

async function deletesTags(page) {
  await page.getByRole('checkbox', { name: 'Select pr-1182' }).check();
  await page.getByRole('checkbox', { name: 'Select pr-1181' }).check();
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Delete…' }).click();
  await visible(dialog(page).getByText('2 tags will be deleted'));
  await visible(dialog(page).getByText('Storage freed'));
  await dialog(page).getByRole('button', { name: 'Delete 2 tags' }).click();
  await gone(dialog(page));
  await gone(page.getByRole('link', { name: 'pr-1182' }));
}

// A hundred thousand tags: few rows are drawn, scrolling brings the next pages, and no frame takes long.
async function scrollsFar(page) {
  const rows = page.getByRole('table', { name: 'Tags' }).getByRole('row');
  assert.ok((await rows.count()) < 80, 'too many rows drawn');
  const total = Number(await page.getByRole('table', { name: 'Tags' }).getAttribute('aria-rowcount')) - 1;
  assert.equal(total, longList);
  // The wheel works where the mouse is.
  await page.mouse.move(600, 500);
  const lastRow = () =>
    page.evaluate(() => Number([...document.querySelectorAll('main [role=row]')].at(-1).getAttribute('aria-rowindex')));
  await page.evaluate(() => {
    window.__frames = [];
    let last = performance.now();
    const note = (now) => {
      window.__frames.push(now - last);
      last = now;
      if (window.__frames.length < 2_000) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  await eventually(async () => {
    await page.mouse.wheel(0, 4_000);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    return (await lastRow()) > 1_000;
  }, 'a thousand tags');
  assert.ok((await rows.count()) < 80, 'too many rows drawn');
  const frames = (await page.evaluate(() => window.__frames)).sort((a, b) => a - b);
  const at = (share) => Math.round(frames[Math.floor(share * (frames.length - 1))]);
  console.log(`     scrolling ${total} tags: half of the frames within ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms`);
}

async function sortsLongList(page) {
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('name');
  await visible(page.getByRole('link', { name: 'build-000001', exact: true }));
  await page.getByRole('searchbox', { name: 'Filter tags' }).fill(`build-${String(longList).padStart(6, '0')}`);
  await visible(page.getByRole('main').getByText('1 tag', { exact: true }));
}

async function changesSettings(page) {
  await page.getByRole('textbox', { name: 'Short description' }).fill('The API of the Acme storefront, kept small');
  await press(page, 'Save description', 'saved');
  await page.getByRole('tab', { name: 'Preview' }).click();
  await visible(page.getByRole('tabpanel').getByRole('heading', { name: 'acme/api' }));
  await page.getByRole('checkbox', { name: 'API management' }).check();
  await press(page, 'Save categories', 'saved');
  await page.getByRole('combobox', { name: 'Permission of developers' }).selectOption('read');
  await told(page, 'Permission changed');
  await page.getByRole('textbox', { name: 'Expression 1' }).fill('v2\\..*');
  await visible(page.getByText(/Matches \d+ tags now/));
}

// Of a PNG as it must be; of anything else the reason why not.
async function changesLogo(page) {
  const section = page.getByRole('main').locator('section').filter({ hasText: 'Badge and logo' });
  const choose = (name, buffer) => section.locator('input[type=file]').setInputFiles({ name, mimeType: 'image/png', buffer });
  await choose('small.png', logoOf([200, 100, 0], 64));
  await visible(section.getByRole('alert').filter({ hasText: '120' }));
  await choose('logo.png', logoOf([200, 100, 0]));
  await told(page, 'Logo changed');
  await eventually(() => section.locator('img').evaluate((image) => image.complete && image.naturalWidth === 120), 'the logo is shown');
  await press(page, 'Remove the logo', 'Logo removed');
  await gone(section.locator('img'));
}

async function addsCollaborator(page) {
  await page.getByRole('textbox', { name: 'User name' }).fill('carol');
  await press(page, 'Add collaborator', 'Collaborator added');
  await row(page, 'carol').getByRole('button', { name: 'Remove carol' }).click();
  await gone(row(page, 'carol'));
}

async function createsAndDeletes(page) {
  const name = fresh('tool');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('textbox', { name: 'Short description' }).fill('Made by a test');
  await page.getByRole('checkbox', { name: 'Private' }).check();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.waitForURL(new RegExp(`/r/alice/${name}$`));
  await visible(page.getByText('Nothing has been pushed yet'));
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await press(page, 'Make public', 'Now public');
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await visible(page.getByText('Archived, read only'));
  await page.getByRole('button', { name: 'Delete repository' }).click();
  await dialog(page).getByRole('textbox').fill(`alice/${name}`);
  await dialog(page).getByRole('button', { name: 'Delete repository' }).click();
  await page.waitForURL(/\/u\/alice$/);
}

export const checks = [
  { name: 'overview', path: '/r/acme/api', as: 'alice', act: stars },
  { name: 'overview-visitor', path: '/_/nginx', act: sees('Recent tags'), picture: false },
  { name: 'overview-empty', path: '/r/alice/empty', as: 'alice', act: sees('docker push') },
  { name: 'tags-filtered', path: '/r/acme/api/tags', act: filtersTags, picture: false },
  { name: 'tags', path: '/r/acme/api/tags', as: 'alice', act: deletesTags },
  { name: 'tags-long', path: '/_/nightly/tags', act: scrollsFar, whole: false },
  { name: 'tags-sorted', path: '/_/nightly/tags', act: sortsLongList, picture: false },
  { name: 'repository-settings', path: '/r/acme/api/settings', as: 'alice', act: changesSettings },
  { name: 'logo', path: '/r/acme/hostile/settings', as: 'alice', act: changesLogo, picture: false, expected: /status of 400/ },
  { name: 'collaborators', path: '/r/alice/toolbox/settings', as: 'alice', act: addsCollaborator },
  { name: 'create-repository', path: '/repositories/create', as: 'alice', act: createsAndDeletes },
];
