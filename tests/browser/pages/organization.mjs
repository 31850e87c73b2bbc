// The inside of an organization.
import { dialog, fresh, gone, press, row, sees, visible } from './acts.mjs';

async function invites(page) {
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await dialog(page).getByRole('tab', { name: 'CSV file' }).click();
  await dialog(page).locator('input[type=file]').setInputFiles({
    name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('email\nnew.person@example.com\nnot an address\n'),
  });
  await visible(dialog(page).getByText('not a user name or address'));
  await dialog(page).getByRole('tab', { name: 'Names' }).click();
  await dialog(page).getByRole('textbox', { name: 'User names or e-mail addresses' }).fill('guest@example.com');
  await dialog(page).getByRole('button', { name: 'Invite 1 person' }).click();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await row(page, 'guest@example.com').getByRole('button', { name: 'Cancel' }).click();
  await gone(row(page, 'guest@example.com'));
}

async function createsTeam(page) {
  const name = fresh('team');
  await page.getByRole('button', { name: 'Create team' }).click();
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog(page).getByRole('button', { name: 'Create', exact: true }).click();
  await gone(dialog(page));
  if (!page.url().endsWith(name)) await page.getByRole('link', { name }).click();
  await page.getByRole('textbox', { name: 'User name' }).fill('alice');
  await press(page, 'Add member', 'Member added');
  await page.getByRole('button', { name: 'Delete team' }).click();
  await press(page, 'Delete team', 'Team deleted', dialog(page));
}

async function createsRole(page) {
  const name = fresh('role');
  await page.getByRole('button', { name: 'Create role' }).first().click();
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog(page).getByRole('checkbox').first().check();
  await press(page, 'Create', 'Role created', dialog(page));
  await page.getByRole('button', { name: `Change ${name}` }).click();
  await dialog(page).getByRole('checkbox').nth(1).check();
  await press(page, 'Save', 'Role saved', dialog(page));
  await page.getByRole('button', { name: `Delete ${name}` }).click();
  await press(page, 'Delete role', 'Role deleted', dialog(page));
}

async function connectsScim(page) {
  await page.getByRole('button', { name: 'Turn on and make a token' }).click();
  await visible(dialog(page).getByText('shown this once'));
  await dialog(page).getByRole('button', { name: 'I have copied it' }).click();
  await visible(page.getByText('Token last used'));
  await page.getByRole('button', { name: 'Turn off' }).click();
  await press(page, 'Turn off', 'SCIM is off', dialog(page));
}

async function createsToken(page) {
  const label = fresh('pipeline ');
  await page.getByRole('button', { name: 'Create token' }).first().click();
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill(label);
  await dialog(page).getByRole('combobox', { name: 'Repository' }).selectOption('acme/api');
  await dialog(page).getByRole('radio', { name: 'Pull and push' }).check();
  await dialog(page).getByRole('button', { name: 'Create' }).click();
  await dialog(page).getByRole('button', { name: 'I have copied it' }).click();
  await visible(row(page, label));
}

async function filtersLog(page) {
  await page.getByRole('combobox', { name: 'Action' }).selectOption('repo.create');
  await visible(row(page, 'alice'));
  await page.getByRole('textbox', { name: 'On' }).fill('nothing has this name');
  await visible(page.getByText('Nothing was recorded for this choice'));
}

async function savesSettings(page) {
  await page.getByRole('textbox', { name: 'Location' }).fill('Bremen');
  await press(page, 'Save profile', 'Profile saved');
  await page.getByRole('checkbox', { name: 'Restrict public images' }).check();
  await press(page, 'Save image access', 'Image access saved');
  await page.getByRole('checkbox', { name: 'Restrict public images' }).uncheck();
  await press(page, 'Save image access', 'Image access saved');
  await page.getByRole('checkbox', { name: 'Restrict which registries' }).check();
  await page.getByRole('button', { name: 'Allow another registry' }).click();
  await page.getByRole('textbox', { name: 'Address 1' }).fill('registry.example.com');
  await press(page, 'Save registry access', 'Registry access saved');
}

async function createsOrganization(page) {
  const name = fresh('group');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL(new RegExp(`/orgs/${name}$`));
  await visible(row(page, 'alice'));
}

export const checks = [
  { name: 'create-organization', path: '/orgs/create', as: 'alice', act: createsOrganization, mock: false },
  { name: 'members', path: '/orgs/acme', as: 'alice', act: invites, mock: false },
  { name: 'teams', path: '/orgs/acme/teams', as: 'alice', act: createsTeam, mock: false },
  { name: 'team', path: '/orgs/acme/teams/developers', as: 'alice', act: sees('Repositories') },
  { name: 'roles', path: '/orgs/acme/roles', as: 'alice', act: createsRole, mock: false },
  { name: 'scim', path: '/orgs/acme/scim', as: 'alice', act: connectsScim, mock: false },
  { name: 'organization-tokens', path: '/orgs/acme/tokens', as: 'alice', act: createsToken, mock: false },
  { name: 'audit-log', path: '/orgs/acme/audit', as: 'alice', act: filtersLog, mock: false },
  { name: 'organization-usage', path: '/orgs/acme/usage', as: 'alice', act: sees('Plan') },
  { name: 'organization-settings', path: '/orgs/acme/settings', as: 'alice', act: savesSettings, mock: false },
];
