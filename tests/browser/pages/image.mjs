// Inside an image: its parts, its files, what differs between two, what it stores.
import assert from 'node:assert/strict';
import { copied, dialog, downloaded, gone, press, sees, visible } from './acts.mjs';

async function retags(page) {
  await page.getByRole('button', { name: 'Add or move a tag' }).click();
  await dialog(page).getByRole('textbox', { name: 'Tag' }).fill('candidate');
  await press(page, 'Set tag', 'candidate', dialog(page));
  await gone(dialog(page));
}

async function tellsAll(page) {
  const main = page.getByRole('main');
  for (const text of ['apk add --no-cache', 'org.opencontainers.image.licenses', '/app/bin/api', '8080/tcp']) await visible(main.getByText(text));
  for (const kind of ['Signature', 'SBOM', 'Attestation']) await visible(main.getByRole('region', { name: 'Referrers' }).getByText(kind, { exact: true }));
  await main.getByRole('combobox', { name: 'Platform' }).selectOption('linux/arm64/v8');
  await page.waitForURL(/platform=linux/);
  await visible(main.getByRole('definition').filter({ hasText: /^linux\/arm64/ }));
  await copied(page, main.getByRole('button', { name: 'Copy digest' }).first(), /^sha256:[0-9a-f]{64}$/);
  const commands = { docker: /^docker pull /, podman: /^podman pull /, skopeo: /^skopeo copy docker:/, Kubernetes: /^image: / };
  for (const [tool, command] of Object.entries(commands)) {
    await main.getByText(tool, { exact: true }).click();
    await copied(page, main.getByRole('button', { name: 'Copy pull command by digest' }), command);
  }
}

async function changesLayer(page) {
  const source = page.getByRole('combobox', { name: 'Show the files of' });
  const layers = await source.locator('option').evaluateAll((all) => all.map(({ value }) => value));
  assert.equal(layers.length, 4, 'the whole image and three layers');
  await source.selectOption(layers[3]);
  await page.getByRole('button', { name: 'var', exact: true }).click();
  await page.getByRole('button', { name: 'cache', exact: true }).click();
  await visible(page.getByRole('row').filter({ hasText: 'package-index.tar' }).filter({ hasText: 'deleted' }));
}

async function savesCsv(page) {
  const text = await downloaded(page, page.getByRole('link', { name: 'Download CSV' }));
  assert.match(text, /^[a-z_,]+\r?\n/, 'a line of names');
  assert.match(text, /v2\.4\.1/);
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
  { name: 'tag-visitor', path: '/r/acme/api/tags/v2.4.1', act: tellsAll, picture: false },
  { name: 'files', path: '/r/acme/api/tags/v2.4.1/files', ready: indexed, act: opensFolder, mock: false },
  { name: 'file', path: '/r/acme/api/tags/v2.4.1/files?path=/etc&file=/etc/passwd', act: sees('root:x:0:0') },
  { name: 'layer', path: '/r/acme/api/tags/v2.4.1/files', ready: indexed, act: changesLayer, mock: false, picture: false },
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
    act: savesCsv,
  },
];
