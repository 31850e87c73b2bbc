// One's own account, and the way into it.
import { createHmac } from 'node:crypto';
import { signIn } from '../browser.mjs';
import { password } from '../seed.mjs';
import { dialog, fresh, gone, press, row, sees, visible } from './acts.mjs';

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

// The code of this half minute (RFC 6238) for a key in base32.
function codeOf(key) {
  const bits = [...key.replace(/[\s=]/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((each) => parseInt(each, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const sum = createHmac('sha1', bytes).update(counter).digest();
  return String((sum.readUInt32BE(sum.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function signOut(page, username) {
  await page.getByRole('button', { name: `Account menu of ${username}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await visible(page.getByRole('banner').getByRole('link', { name: 'Sign in' }));
}

// On with the code of the picture, in with a recovery code, off again.
async function usesSecondFactor(page) {
  const main = page.getByRole('main');
  await main.locator('section').filter({ hasText: 'Second factor' }).locator('input[type=password]').fill(password);
  await main.getByRole('button', { name: 'Turn on' }).click();
  await visible(main.getByRole('img', { name: /QR/ }));
  const key = await main.locator('code').filter({ hasText: /^[A-Z2-7\s]{16,}$/ }).first().textContent();
  await main.getByRole('textbox', { name: 'Code from the app' }).fill(codeOf(key));
  await main.getByRole('button', { name: 'Confirm' }).click();
  const codes = (await main.locator('pre').first().textContent()).trim().split('\n');
  await main.getByRole('button', { name: 'I have saved them' }).click();
  await visible(main.getByText(/recovery codes? left/));
  await signOut(page, 'careful');
  await page.goto('/signin');
  await page.locator('input[autocomplete=username]').fill('careful');
  await page.locator('input[autocomplete=current-password]').fill(password);
  await main.getByRole('button', { name: 'Sign in' }).click();
  await main.getByRole('textbox', { name: 'Code' }).fill(codes[0]);
  await main.getByRole('button', { name: 'Verify' }).click();
  await visible(page.getByRole('button', { name: 'Account menu of careful' }));
  await page.goto('/settings/security');
  await main.getByRole('textbox', { name: 'Code from the app' }).fill(codes[1]);
  await main.locator('form').filter({ hasText: 'Turn off' }).locator('input[type=password]').fill(password);
  await press(page, 'Turn off', 'The second factor is off');
}

// Another browser signs in; here it is seen and signed out.
async function endsSession(page, { context }) {
  const other = await context.browser().newContext({ baseURL: new URL(page.url()).origin, userAgent: 'OtherBrowser/1' });
  await signIn(await other.newPage(), { username: 'careful', password });
  await page.reload();
  await visible(row(page, 'this one'));
  await row(page, 'OtherBrowser').getByRole('button', { name: 'Sign out' }).click();
  await gone(row(page, 'OtherBrowser'));
  await other.close();
}

async function becomesOrganization(page) {
  await page.getByRole('button', { name: 'Turn into an organization' }).click();
  await dialog(page).getByRole('textbox', { name: 'First owner' }).fill('alice');
  await dialog(page).locator('input[type=password]').fill(password);
  await dialog(page).getByRole('textbox', { name: /to confirm/ }).fill('studio');
  await dialog(page).getByRole('button', { name: 'Turn into an organization' }).click();
  await page.waitForURL(/\/signin/);
  await page.goto('/u/studio');
  await visible(page.getByRole('main').getByText('Organization since'));
}

async function acceptsInvitation(page) {
  await press(page, 'Accept', 'Welcome to the organization');
  await page.goto('/u/acme');
  await visible(page.getByRole('main').getByRole('link', { name: 'Organization', exact: true }));
}

async function signsUp(page) {
  const name = fresh('guest');
  await page.getByRole('textbox', { name: /name/i }).fill(name);
  await page.locator('input[type=email]').fill(`${name}@example.com`);
  await page.locator('input[autocomplete=new-password]').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await visible(page.getByText('Almost there'));
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
  { name: 'sign-up', path: '/signup', act: signsUp, mock: false },
  { name: 'reset-password', path: '/reset-password', act: asksForLink },
  { name: 'profile', path: '/settings', as: 'alice', act: savesProfile },
  { name: 'security', path: '/settings/security', as: 'careful', act: usesSecondFactor, mock: false, expected: /status of 401/ },
  { name: 'access-tokens', path: '/settings/tokens', as: 'alice', act: createsToken, mock: false },
  { name: 'sessions', path: '/settings/sessions', as: 'careful', act: endsSession, mock: false },
  { name: 'plan', path: '/settings/storage', as: 'alice', act: sees('Private repositories') },
  { name: 'activate', path: '/activate', as: 'alice', act: approvesDevice, mock: false },
  { name: 'notifications', path: '/notifications', as: 'newcomer', act: acceptsInvitation, mock: false },
  { name: 'convert-account', path: '/settings', as: 'studio', act: becomesOrganization, mock: false, picture: false },
  { name: 'verify-email', path: '/verify-email', act: sees('The link is incomplete') },
];
