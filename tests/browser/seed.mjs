// What berth-seed does not make, put into its data through the public API, as people would: images with files and packages inside,
// signatures, logos, stars, invitations, strangers' markup, and accounts that the checks use up.
import { hostileReadme, readme } from '../../web/dev/mock/data.mjs';
import { Client } from './client.mjs';
import { eventually } from './browser.mjs';
import { attach, kib, logoOf, pushImage } from './images.mjs';

export const longList = Number(process.env.TAGS ?? 100_000);
export const password = 'correct horse battery';
const packages = { busybox: '1.36.1-r29', 'ca-certificates': '20240705-r0', libcrypto3: '3.3.1-r3', musl: '1.2.5-r0', tzdata: '2024a-r1', zlib: '1.3.1-r1' };
const patched = { ...packages, libcrypto3: '3.3.2-r0', tzdata: '2024b-r0', curl: '8.9.1-r2' };
const both = ['amd64', 'arm64'];

const official = [
  ['nginx', 'The web server and reverse proxy', 'web-servers', 2_400, [0, 150, 57], ['1.27.2', '1.27', 'mainline', 'latest']],
  ['postgres', 'The PostgreSQL object-relational database', 'databases-and-storage', 3_100, [51, 103, 145], ['17.1', '17', 'latest']],
  ['alpine', 'A minimal image based on Alpine Linux, 5 MB in size', 'operating-systems', 300, [13, 89, 127], ['3.20.3', '3.20', 'latest']],
  ['redis', 'A data store in memory: cache, queue, database', 'databases-and-storage', 1_700, [196, 49, 42], ['7.4.1', '7.4', 'latest']],
];

// Accounts that one check alone changes or ends.
const disposable = ['studio', 'newcomer', 'careful'];

async function makePeople(base, admin) {
  for (const username of disposable) {
    const email = `${username}@example.com`;
    await admin.hub('POST', '/api/berth/v1/admin/users', { username, email, full_name: '', password });
    await admin.hub('PATCH', `/api/berth/v1/admin/users/${username}`, { email_verified: true });
  }
  const clients = ['alice', 'carol', 'dmitri', ...disposable].map((name) => [name, new Client(base, name, password)]);
  return { admin, ...Object.fromEntries(clients) };
}

async function makeRepository(client, namespace, name, description, { category, text, color, isPrivate = false } = {}) {
  const path = `/v2/namespaces/${namespace}/repositories`;
  await client.hub('POST', path, { name, description, is_private: isPrivate });
  const body = text ?? readme(namespace === 'library' ? name : `${namespace}/${name}`);
  if (body) await client.hub('PATCH', `${path}/${name}`, { full_description: body });
  if (category) {
    const categories = (await client.hub('GET', '/v2/categories')).filter(({ slug }) => slug === category);
    await client.hub('PATCH', `/v2/repositories/${namespace}/${name}/categories`, categories);
  }
  if (color) await client.upload(`/api/media/repos_logo/v1/${namespace}/${name}/upload`, 'image/png', logoOf(color));
}

async function makeOfficialImages(admin) {
  for (const [name, description, category, programKib, color, tags] of official) {
    await makeRepository(admin, 'library', name, description, { category, color });
    const image = { name, version: tags[0], created: '2026-11-12T08:00:00Z', packages, programSize: programKib * kib, architectures: both };
    await pushImage(admin, `library/${name}`, image, tags);
    await Promise.all(Array.from({ length: 4 + name.length * 3 }, () => admin.pull(`library/${name}`, 'latest')));
  }
}

// Carol joins acme, where alice is the owner, and its team; somebody else has not answered yet, nor has the newcomer.
async function makeOrganization({ alice, carol }) {
  const { results } = await alice.hub('GET', '/v2/orgs/acme/groups');
  const team = results.find(({ name }) => name === 'developers');
  const members = await alice.hub('GET', '/v2/orgs/acme/members?page_size=100');
  if (members.results.some(({ username }) => username === 'carol')) {
    await alice.hub('POST', '/v2/orgs/acme/groups/developers/members', { member: 'carol' });
  } else {
    await alice.hub('POST', '/v2/invites/bulk', { org: 'acme', invitees: ['carol'], role: 'member', team: 'developers' });
    const { items } = await carol.hub('GET', '/api/berth/v1/user/invitations');
    await carol.hub('POST', `/api/berth/v1/user/invitations/${items[0].id}/accept`);
  }
  await alice.hub('POST', '/v2/invites/bulk', { org: 'acme', invitees: ['erik@example.com'], role: 'editor' });
  await alice.hub('POST', '/v2/invites/bulk', { org: 'acme', invitees: ['newcomer'], role: 'member' });
  return team;
}

// acme/api: three releases, two previews, of two platforms each; the newest is signed and has a list of its parts.
async function makeApi({ alice, carol, dmitri }, team) {
  await makeRepository(alice, 'acme', 'api', 'The API of the Acme storefront', { category: 'languages-and-frameworks', color: [70, 80, 170] });
  await alice.hub('POST', '/v2/repositories/acme/api/groups', { group_id: team.id, permission: 'write' });
  const release = (version, day, contents) => ({
    name: 'api', version, created: `2026-11-${day}T10:00:00Z`, packages: contents, programSize: 2_200 * kib, architectures: both,
  });
  await pushImage(alice, 'acme/api', release('2.3.9', '02', packages), ['v2.3.9', 'v2.3']);
  await pushImage(carol, 'acme/api', release('2.4.0', '11', packages), ['v2.4.0']);
  const newest = await pushImage(carol, 'acme/api', release('2.4.1', '20', patched), ['v2.4.1', 'v2.4', 'v2', 'latest']);
  for (const preview of ['pr-1181', 'pr-1182']) {
    await pushImage(alice, 'acme/api', { ...release(preview, '21', patched), architectures: ['amd64'] }, [preview]);
  }
  await attach(alice, 'acme/api', newest, { artifactType: 'application/spdx+json', title: 'sbom.spdx.json', content: '{"spdxVersion":"SPDX-2.3"}' });
  await attach(alice, 'acme/api', newest, {
    artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json', title: 'signature', content: '{"critical":{"type":"cosign container image signature"}}',
  });
  await attach(alice, 'acme/api', newest, {
    artifactType: 'application/vnd.in-toto+json', title: 'provenance.intoto.jsonl', content: '{"predicateType":"https://slsa.dev/provenance/v1"}',
  });
  await alice.hub('PATCH', '/v2/namespaces/acme/repositories/api/immutabletags', {
    immutable_tags: true, immutable_tags_rules: ['v[0-9]+\\.[0-9]+\\.[0-9]+'],
  });
  await Promise.all(Array.from({ length: 60 }, (_, at) => carol.pull('acme/api', at % 3 ? 'latest' : 'v2.4.0')));
  for (const person of [alice, carol, dmitri]) await person.hub('POST', '/v2/repositories/acme/api/stars', {});
}

async function makeOthers({ alice, carol }) {
  const image = (name, version, size, architectures) => ({
    name, version, created: '2026-11-15T09:00:00Z', packages, programSize: size * kib, architectures,
  });
  await makeRepository(alice, 'acme', 'worker', 'Background jobs of the storefront', { category: 'languages-and-frameworks', isPrivate: true });
  await pushImage(alice, 'acme/worker', image('worker', '1.9.0', 1_800), ['1.9.0', 'latest']);
  await makeRepository(alice, 'acme', 'hostile', '<img src=x onerror="window.__hacked=1"> "quotes" & <b>markup</b>', { text: hostileReadme });
  await pushImage(alice, 'acme/hostile', image('hostile', '<script>window.__hacked=2</script>', 4), ['latest']);
  await makeRepository(carol, 'grafton', 'metrics', 'Collects, stores and shows metrics', { category: 'monitoring-and-observability' });
  await pushImage(carol, 'grafton/metrics', image('metrics', '11.3.0', 2_600, both), ['11.3.0', '11', 'latest']);
  await makeRepository(alice, 'alice', 'toolbox', 'Debugging tools in one image: curl, dig, tcpdump, strace', { category: 'networking' });
  await pushImage(alice, 'alice/toolbox', image('toolbox', '5', 900), ['5', 'latest']);
  await alice.hub('POST', '/v2/repositories/alice/toolbox/collaborators', { user: 'dmitri' });
  await makeRepository(alice, 'alice', 'empty', 'Nothing has been pushed yet', { text: '' });
}

// Storage is counted by a job that comes round every few minutes; here it runs at once.
async function countStorage(admin) {
  const { items } = await admin.hub('GET', '/api/berth/v1/admin/jobs?kind=storage_survey');
  await admin.hub('POST', `/api/berth/v1/admin/jobs/${items[0].id}/retry`);
  const isCounted = async () => (await admin.hub('GET', '/api/berth/v1/admin/storage')).items.length > 0;
  await eventually(isCounted, 'storage is counted');
}

export async function seed(base, adminPassword) {
  const people = await makePeople(base, new Client(base, 'admin', adminPassword));
  const team = await makeOrganization(people);
  await makeOfficialImages(people.admin);
  await makeApi(people, team);
  await makeOthers(people);
  await countStorage(people.admin);
  return Object.fromEntries(
    ['alice', 'admin', ...disposable].map((name) => [name, { username: name, password: people[name].secret }]),
  );
}
