// One's own account, and the way into it.
import { dialog, fresh, gone, press, sees, visible } from './acts.mjs';

async function refusesWrongPassword(page) {
  await page.getByRole('textbox', { name: 'User name or e-mail' }).fill('alice');
  await page.locator('input[autocomplete=current-password]').fill('not the password');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await visible(page.getByRole('alert'));
}

// Signed in already, one is sent on at once; a link that only looks like one of this site leads to the first page.
async function staysHere(page) {
  await page.waitForURL((url) => url.pathname === '/' && url.search === '');
  for (const next of ['//elsewhere.example/', '/\\elsewhere.example/', 'http://elsewhere.example/', 'javascript:alert(1)']) {
    await page.goto(`/signin?next=${encodeURIComponent(next)}`);
    await page.waitForURL((url) => url.pathname === '/' && url.search === '');
  }
  await page.goto(`/signin?next=${encodeURIComponent('/settings?tab=x')}`);
  await page.waitForURL((url) => url.pathname === '/settings');
}

async function asksForLink(page) {
  await page.getByRole('textbox', { name: 'E-mail of the account' }).fill('nobody@example.com');
  await page.getByRole('button', { name: 'Send a link' }).click();
  await visible(page.getByRole('main').getByText(/link/));
}

async function savesProfile(page) {
  await page.getByRole('textbox', { name: 'Location' }).fill('Hamburg');
  await press(page, 'Save profile', 'Profile saved');
}

async function startsSecondFactor(page) {
  const section = page.getByRole('region', { name: 'Second factor' }).or(page.locator('section').filter({ hasText: 'Second factor' }));
  await section.first().locator('input[type=password]').fill('correct horse battery');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await visible(page.getByRole('main').getByRole('img', { name: /QR/ }));
}

async function createsToken(page) {
  const label = fresh('laptop ');
  await page.getByRole('button', { name: 'Create token' }).first().click();
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill(label);
  await dialog(page).getByRole('button', { name: 'Create' }).click();
  await visible(dialog(page).getByText('shown this once'));
  await dialog(page).getByRole('button', { name: 'I have copied it' }).click();
  await gone(dialog(page));
  await page.getByRole('button', { name: `Actions for ${label}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await press(page, 'Delete token', 'Token deleted', dialog(page));
}

async function approvesDevice(page) {
  const asked = await page.request.post('/oauth/device/code', { form: { client_id: 'browser-test', scope: 'openid offline_access' } });
  await page.getByRole('textbox', { name: 'Code' }).fill((await asked.json()).user_code);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await visible(page.getByText('Approved.'));
}

export const checks = [
  { name: 'sign-in', path: '/signin', act: refusesWrongPassword, mock: false, expected: /status of 401/ },
  { name: 'sign-in-next', path: '/signin?next=/.//elsewhere.example/', as: 'alice', act: staysHere, mock: false },
  { name: 'sign-up', path: '/signup', act: (page) => visible(page.getByRole('heading', { level: 1 })) },
  { name: 'reset-password', path: '/reset-password', act: asksForLink },
  { name: 'profile', path: '/settings', as: 'alice', act: savesProfile },
  { name: 'security', path: '/settings/security', as: 'alice', act: startsSecondFactor, mock: false },
  { name: 'access-tokens', path: '/settings/tokens', as: 'alice', act: createsToken, mock: false },
  { name: 'sessions', path: '/settings/sessions', as: 'alice', act: sees('this one'), mock: false },
  { name: 'plan', path: '/settings/storage', as: 'alice', act: sees('Private repositories') },
  { name: 'activate', path: '/activate', as: 'alice', act: approvesDevice, mock: false },
  { name: 'notifications', path: '/notifications', as: 'alice', act: sees('Notifications') },
];
