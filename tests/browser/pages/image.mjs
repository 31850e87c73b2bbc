// Inside an image: its parts, its files, what differs between two, what it stores.
import { dialog, gone, press, sees, visible } from './acts.mjs';

async function retags(page) {
  await page.getByRole('button', { name: 'Add or move a tag' }).click();
  await dialog(page).getByRole('textbox', { name: 'Tag' }).fill('candidate');
  await press(page, 'Set tag', 'candidate', dialog(page));
  await gone(dialog(page));
}

// The layers have been read.
const indexed = (page) => gone(page.getByText('Reading the layers'));

async function opensFolder(page) {
  await page.getByRole('button', { name: 'app', exact: true }).click();
  await page.getByRole('button', { name: 'config.toml' }).click();
  await visible(page.getByText('log_level = "info"'));
}

async function compares(page) {
  await visible(page.getByRole('main').getByText('libcrypto3'));
  await visible(page.getByRole('main').getByText('/app/config.toml'));
}

export const checks = [
  { name: 'tag', path: '/r/acme/api/tags/v2.4.1', as: 'alice', act: retags },
  { name: 'files', path: '/r/acme/api/tags/v2.4.1/files', ready: indexed, act: opensFolder, mock: false },
  { name: 'file', path: '/r/acme/api/tags/v2.4.1/files?path=/etc&file=/etc/passwd', act: sees('root:x:0:0') },
  {
    name: 'largest-files',
    path: '/r/acme/api/tags/v2.4.1/files?view=largest',
    act: (page) => visible(page.getByRole('row')),
  },
  { name: 'wasted-space', path: '/r/acme/api/tags/v2.4.1/files?view=wasted', act: sees('of the image is of use') },
  { name: 'compare', path: '/r/acme/api/compare?base=v2.4.0&target=v2.4.1', ready: indexed, act: compares, mock: false },
  {
    name: 'storage',
    path: '/r/acme/api/storage',
    act: (page) => visible(page.getByRole('link', { name: 'Download CSV' })),
  },
];
