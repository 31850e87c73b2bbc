// Fills a fresh Berth through its public API: people, an organization, repositories, images, a hundred thousand tags.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { hostileReadme } from '../../web/dev/mock/data.mjs';

const password = 'correct horse battery';
const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

class Client {
  constructor(base, username, secret) {
    Object.assign(this, { base, username, secret });
  }

  async hub(method, path, body) {
    this.token ??= (await this.plain('POST', '/v2/users/login', { username: this.username, password: this.secret })).token;
    return this.plain(method, path, body, { Authorization: `Bearer ${this.token}` });
  }

  async plain(method, path, body, headers = {}) {
    const response = await fetch(this.base + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text && response.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : undefined;
  }

  // The token service is where the challenge says.
  async registry(method, name, path, body, type = 'application/octet-stream') {
    this.registryTokens ??= {};
    const address = path.startsWith('http') ? path : `${this.base}/v2/${name}${path}`;
    for (let attempt = 0; ; attempt += 1) {
      const token = this.registryTokens[name];
      const response = await fetch(address, {
        method,
        body,
        headers: { 'Content-Type': type, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      });
      if (response.status !== 401 || attempt > 0) {
        if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${await response.text()}`);
        await response.arrayBuffer();
        return response;
      }
      const challenge = response.headers.get('WWW-Authenticate') ?? '';
      const [realm, service] = ['realm', 'service'].map((key) => new RegExp(`${key}="([^"]*)"`).exec(challenge)?.[1] ?? '');
      const url = `${realm}?service=${encodeURIComponent(service)}&scope=repository:${name}:pull,push`;
      const basic = Buffer.from(`${this.username}:${this.secret}`).toString('base64');
      const answer = await (await fetch(url, { headers: { Authorization: `Basic ${basic}` } })).json();
      this.registryTokens[name] = answer.token ?? answer.access_token;
    }
  }

  async pushBlob(name, bytes) {
    const start = await this.registry('POST', name, '/blobs/uploads/');
    const location = new URL(start.headers.get('Location'), this.base);
    location.searchParams.set('digest', digestOf(bytes));
    await this.registry('PUT', name, location.href, bytes);
    return { digest: digestOf(bytes), size: bytes.length };
  }

  pushManifest(name, reference, manifest) {
    return this.registry('PUT', name, `/manifests/${reference}`, JSON.stringify(manifest), manifest.mediaType);
  }
}

// One file as a tar header and its blocks (POSIX ustar).
function tarEntry(path, text, kind = '0') {
  const body = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(kind === '5' ? '0000755\0' : '0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('14000000000\0', 136);
  header.write('        ', 148);
  header.write(kind, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function layerOf(entries) {
  const tar = Buffer.concat([...entries.map((entry) => tarEntry(...entry)), Buffer.alloc(1024)]);
  return { tar: digestOf(tar), bytes: gzipSync(tar) };
}

async function pushImage(client, name, tags, version) {
  const layers = [
    layerOf([
      ['etc/', '', '5'],
      ['etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
      ['etc/os-release', 'ID=alpine\nVERSION_ID=3.20.0\n'],
    ]),
    layerOf([
      ['app/', '', '5'],
      ['app/version', `${version}\n`],
      ['etc/passwd', 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/app:/bin/sh\n'],
    ]),
  ];
  const blobs = [];
  for (const { bytes } of layers) blobs.push({ ...(await client.pushBlob(name, bytes)), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' });
  const configuration = {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-11-20T10:00:00Z',
    config: { Env: [`VERSION=${version}`], Cmd: ['/app/run'], Labels: { 'org.opencontainers.image.version': version } },
    rootfs: { type: 'layers', diff_ids: layers.map(({ tar }) => tar) },
    history: [{ created_by: 'ADD rootfs.tar.gz /' }, { created_by: `ENV VERSION=${version}`, empty_layer: true }, { created_by: 'COPY app /app' }],
  };
  const config = { ...(await client.pushBlob(name, Buffer.from(JSON.stringify(configuration)))), mediaType: 'application/vnd.oci.image.config.v1+json' };
  const manifest = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers: blobs };
  for (const tag of tags) await client.pushManifest(name, tag, manifest);
  return manifest;
}

async function pushManyTags(client, name, manifest, count) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      next += 1;
      await client.pushManifest(name, `build-${String(next).padStart(6, '0')}`, manifest);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

export async function seed(base, adminPassword) {
  const admin = new Client(base, 'admin', adminPassword);
  await admin.hub('POST', '/api/berth/v1/admin/users', { username: 'alice', email: 'alice@example.com', password });
  await admin.hub('PATCH', '/api/berth/v1/admin/users/alice', { email_verified: true });
  const alice = new Client(base, 'alice', password);
  await alice.hub('POST', '/v2/orgs', { orgname: 'acme', full_name: 'Acme Corporation' });
  await alice.hub('POST', '/v2/namespaces/alice/repositories', { name: 'empty', description: 'Nothing has been pushed yet' });
  for (const name of ['api', 'huge', 'hostile']) {
    await alice.hub('POST', '/v2/namespaces/acme/repositories', { name, description: `<b>${name}</b> "of" Acme` });
  }
  await alice.hub('PATCH', '/v2/namespaces/acme/repositories/hostile', { full_description: hostileReadme });
  await pushImage(alice, 'acme/api', ['v2.4.0'], '2.4.0');
  await pushImage(alice, 'acme/api', ['v2.4.1', 'latest'], '2.4.1');
  await pushImage(alice, 'acme/api', ['pr-1181', 'pr-1182'], '2.5.0-pr');
  await pushImage(alice, 'acme/hostile', ['latest'], '1');
  const manifest = await pushImage(alice, 'acme/huge', [], '1');
  await pushManyTags(alice, 'acme/huge', manifest, Number(process.env.TAGS ?? 100_000));
  return { alice: { username: 'alice', password }, admin: { username: 'admin', password: adminPassword } };
}
