// A repository's pages: overview, tags, settings.
import assert from 'node:assert/strict';
import { eventually } from '../browser.mjs';
import { longList } from '../seed.mjs';
import { dialog, fresh, gone, press, row, sees, visible } from './acts.mjs';

async function stars(page) {
  const star = page.getByRole('button', { name: /^Starred/ });
  await star.click();
  await page.getByRole('button', { name: /^Star ·/ }).click();
  await visible(star);
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
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, 4_000);
    await page.waitForTimeout(30);
  }
  await eventually(async () => (await lastRow()) > 300, 'further pages of tags');
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
  await page.getByRole('checkbox', { name: 'API management' }).check();
  await press(page, 'Save categories', 'saved');
  await page.getByRole('combobox', { name: 'Permission of backend' }).selectOption('read');
  await visible(page.getByRole('alert').filter({ hasText: 'Permission changed' }));
  await page.getByRole('textbox', { name: 'Expression 1' }).fill('v2\\..*');
  await visible(page.getByText(/Matches \d+ tags now/));
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
  { name: 'tags', path: '/r/acme/api/tags', as: 'alice', act: deletesTags },
  { name: 'tags-long', path: '/r/acme/huge/tags', act: scrollsFar, whole: false },
  { name: 'tags-sorted', path: '/r/acme/huge/tags', act: sortsLongList, picture: false },
  { name: 'repository-settings', path: '/r/acme/api/settings', as: 'alice', act: changesSettings },
  { name: 'collaborators', path: '/r/alice/toolbox/settings', as: 'alice', act: addsCollaborator },
  { name: 'create-repository', path: '/repositories/create', as: 'alice', act: createsAndDeletes },
];
