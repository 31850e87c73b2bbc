// The administration of the server.
import { dialog, fresh, gone, press, row, sees, told, visible } from './acts.mjs';

async function finishesSetup(page) {
  await page.getByRole('textbox', { name: 'Server name' }).fill('Quay');
  await page.getByRole('button', { name: 'Finish' }).click();
  await visible(page.getByText('The server is ready'));
}

async function createsUser(page) {
  const name = fresh('user');
  await page.getByRole('button', { name: 'Create user' }).click();
  await dialog(page).getByRole('textbox', { name: 'User name' }).fill(name);
  await dialog(page).getByRole('button', { name: 'Create', exact: true }).click();
  await visible(dialog(page).getByText('shown this once'));
  await dialog(page).getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('searchbox', { name: 'Find a user' }).fill(name);
  await gone(row(page, 'alice'));
  await page.getByRole('combobox', { name: `Badge of ${name}` }).selectOption('open_source');
  await told(page, 'Badge changed');
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog(page).getByRole('textbox').fill(name);
  await press(page, 'Delete user', 'User deleted', dialog(page));
}

async function assignsPlan(page) {
  const plan = page.getByRole('combobox', { name: 'Plan of grafton' });
  const choices = await plan.locator('option').evaluateAll((all) => all.map(({ value }) => value));
  const other = choices.find((value) => value !== choices[0]);
  await plan.selectOption(other);
  await told(page, 'Plan assigned');
}

async function createsPlan(page) {
  const name = fresh('plan');
  await page.getByRole('button', { name: 'Create plan' }).click();
  await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await dialog(page).getByRole('textbox', { name: 'Label' }).fill(name);
  await dialog(page).getByRole('button', { name: 'Save plan' }).click();
  await gone(dialog(page));
  await page.getByRole('button', { name: `Delete ${name}` }).click();
  await gone(row(page, name));
}

async function savesSettings(page) {
  await page.getByRole('textbox', { name: 'Server name' }).fill('Harbour');
  await press(page, 'Save settings', 'Settings saved');
  await visible(page.getByRole('contentinfo').getByText('Harbour'));
  const announcement = page.getByRole('textbox', { name: 'Announcement' });
  await announcement.fill('Maintenance on Sunday');
  await press(page, 'Save settings', 'Settings saved');
  await visible(page.getByRole('note').filter({ hasText: 'Maintenance on Sunday' }));
  await announcement.fill('');
  await press(page, 'Save settings', 'Settings saved');
  await gone(page.getByRole('note'));
  await press(page, 'Save limits', 'Limits saved');
}

async function collects(page) {
  await press(page, 'Collect now', 'The collector has started');
  await visible(page.getByText('Last run'));
}

async function runsJob(page) {
  await row(page, 'storage_survey').getByRole('button', { name: 'Run now' }).click();
  await told(page, 'The job runs again');
}

async function filtersLog(page) {
  await visible(row(page, 'alice'));
  await visible(row(page, 'admin'));
}

export const checks = [
  { name: 'setup', path: '/setup', as: 'admin', act: finishesSetup, mock: false },
  { name: 'health', path: '/admin', as: 'admin', act: sees('Requests a second') },
  { name: 'users', path: '/admin/users', as: 'admin', act: createsUser, mock: false },
  { name: 'organizations', path: '/admin/organizations', as: 'admin', act: assignsPlan, mock: false },
  { name: 'plans', path: '/admin/plans', as: 'admin', act: createsPlan, mock: false },
  { name: 'server-settings', path: '/admin/server', as: 'admin', act: savesSettings, mock: false },
  { name: 'server-storage', path: '/admin/storage', as: 'admin', act: sees('Own') },
  { name: 'garbage', path: '/admin/garbage', as: 'admin', act: collects, mock: false },
  { name: 'jobs', path: '/admin/jobs', as: 'admin', act: runsJob, mock: false },
  { name: 'server-audit', path: '/admin/audit', as: 'admin', act: filtersLog, mock: false },
  { name: 'mail', path: '/admin/mail', as: 'admin', act: sees('Mail') },
  { name: 'configuration', path: '/admin/configuration', as: 'admin', act: sees('Option') },
];
