// Small but complete images: layers with files, packages and a program, a configuration with its history, an index of several
// platforms, and what refers to an image. The same input gives the same bytes.
import { createCipheriv, createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { digestOf } from './client.mjs';

const oci = 'application/vnd.oci.image';
const types = {
  index: `${oci}.index.v1+json`,
  manifest: `${oci}.manifest.v1+json`,
  config: `${oci}.config.v1+json`,
  layer: `${oci}.layer.v1.tar+gzip`,
};
export const kib = 1024;

// Bytes that look like a program: they do not compress, and depend on `seed` alone.
function programBytes(seed, size) {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

// One file as a tar header and its blocks (POSIX ustar). A path that ends with a slash is a folder.
function tarEntry([path, content]) {
  const folder = path.endsWith('/');
  const body = Buffer.from(content ?? '');
  const header = Buffer.alloc(512);
  const octal = (number, digits) => `${number.toString(8).padStart(digits, '0')}\0`;
  header.write(path, 0);
  header.write(octal(folder || path.includes('bin/') ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(body.length, 11), 124);
  header.write(octal(0o14000000000, 11), 136);
  header.write('        ', 148);
  header.write(folder ? '5' : '0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function makeLayer(entries) {
  const tar = Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]);
  return { diffId: digestOf(tar), bytes: gzipSync(tar, { level: 1 }) };
}

const packageLines = (packages, architecture) =>
  Object.entries(packages)
    .map(([name, version]) => `P:${name}\nV:${version}\nA:${architecture}\nI:${4096 * name.length}\nT:${name}\nL:MIT\n`)
    .join('\n');

// What an image is made of: a base system with packages, and the program on top of it.
function layersOf({ name, version, packages, programSize, architecture }) {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\n';
  const shared = programBytes(`base ${architecture}`, 900 * kib);
  return [
    makeLayer([
      ['bin/'],
      ['bin/busybox', shared],
      ['etc/'],
      ['etc/os-release', 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n'],
      ['etc/passwd', passwd],
      ['tmp/'],
    ]),
    makeLayer([
      ['lib/'],
      ['lib/apk/'],
      ['lib/apk/db/'],
      ['lib/apk/db/installed', packageLines(packages, architecture)],
      ['usr/'],
      ['usr/lib/'],
      ['usr/lib/libcrypto.so.3', programBytes(`libcrypto ${architecture} ${packages.libcrypto3}`, 1_400 * kib)],
      ['var/'],
      ['var/cache/'],
      ['var/cache/package-index.tar', programBytes('index', 300 * kib)],
    ]),
    makeLayer([
      ['etc/passwd', `${passwd}${name}:x:1000:1000::/app:/sbin/nologin\n`],
      ['app/'],
      ['app/bin/'],
      [`app/bin/${name}`, programBytes(`${name} ${version} ${architecture}`, programSize)],
      ['app/config.toml', `# Configuration of ${name} ${version}\nlisten = "0.0.0.0:8080"\nlog_level = "info"\n\n[database]\npool = 16\n`],
      ['app/LICENSE', 'Apache License, Version 2.0\n'],
      ['app/share/'],
      ['app/share/messages.en.json', '{\n  "welcome": "Welcome",\n  "goodbye": "See you"\n}\n'],
      ['var/cache/.wh.package-index.tar'],
    ]),
  ];
}

function configurationOf({ name, version, created, base }, architecture, layers) {
  const at = (minutes) => new Date(Date.parse(created) + minutes * 60_000).toISOString();
  return {
    architecture,
    os: 'linux',
    ...(architecture === 'arm64' ? { variant: 'v8' } : {}),
    created: at(3),
    author: 'Acme build service',
    config: {
      User: '1000:1000',
      ExposedPorts: { '8080/tcp': {} },
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin:/app/bin', `VERSION=${version}`, 'TZ=UTC'],
      Entrypoint: [`/app/bin/${name}`],
      Cmd: ['serve', '--config', '/app/config.toml'],
      WorkingDir: '/app',
      Labels: {
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.source': `https://git.example/${name}`,
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.base.name': base ?? 'alpine:3.20',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: [
      { created: at(0), created_by: 'ADD alpine-minirootfs-3.20.3.tar.gz / # buildkit', comment: 'buildkit.dockerfile.v0' },
      { created: at(1), created_by: 'RUN /bin/sh -c apk add --no-cache ca-certificates libcrypto3 tzdata # buildkit' },
      { created: at(2), created_by: `ENV VERSION=${version}`, empty_layer: true },
      { created: at(3), created_by: `COPY --chown=1000 /out /app # buildkit` },
      { created: at(3), created_by: `ENTRYPOINT ["/app/bin/${name}"]`, empty_layer: true },
    ],
  };
}

// The image of one platform; its descriptor.
async function pushPlatform(client, repository, image, architecture, tags = []) {
  const layers = layersOf({ ...image, architecture });
  const descriptors = [];
  for (const { bytes } of layers) descriptors.push(await client.pushBlob(repository, bytes, types.layer));
  const configuration = Buffer.from(JSON.stringify(configurationOf(image, architecture, layers)));
  const config = await client.pushBlob(repository, configuration, types.config);
  const manifest = { schemaVersion: 2, mediaType: types.manifest, config, layers: descriptors };
  const descriptor = await client.pushManifest(repository, manifest, tags);
  const variant = architecture === 'arm64' ? { variant: 'v8' } : {};
  return { ...descriptor, platform: { os: 'linux', architecture, ...variant } };
}

// Pushes `image` ({name, version, created, packages, programSize, architectures}) under `tags`: an index when there are several
// architectures, else one manifest. Its descriptor.
export async function pushImage(client, repository, image, tags) {
  const { architectures = ['amd64'] } = image;
  if (architectures.length === 1) return pushPlatform(client, repository, image, architectures[0], tags);
  const manifests = [];
  for (const architecture of architectures) manifests.push(await pushPlatform(client, repository, image, architecture));
  return client.pushManifest(repository, { schemaVersion: 2, mediaType: types.index, manifests }, tags);
}

// Something that belongs to an image: a signature, a list of its parts, a statement of its origin.
export async function attach(client, repository, subject, { artifactType, title, content }) {
  const { mediaType, digest, size } = subject;
  const config = await client.pushBlob(repository, Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
  const layer = await client.pushBlob(repository, Buffer.from(content), artifactType);
  return client.pushManifest(repository, {
    schemaVersion: 2,
    mediaType: types.manifest,
    artifactType,
    config,
    layers: [{ ...layer, annotations: { 'org.opencontainers.image.title': title } }],
    subject: { mediaType, digest, size },
    annotations: { 'org.opencontainers.image.created': '2026-11-20T10:05:00Z' },
  });
}

// CRC-32 (ISO 3309), which Node 18 does not offer.
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function pngChunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const size = Buffer.alloc(4);
  const sum = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(checksum(body));
  return Buffer.concat([size, body, sum]);
}

// A square PNG with a ring of another shade on `color`, as a logo must be: 120 by 120 pixels.
export function logoOf(color, side = 120) {
  const rows = Buffer.alloc(side * (1 + side * 3));
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const distance = Math.hypot(x - side / 2, y - side / 2);
      const isRing = distance > side * 0.2 && distance < side * 0.32;
      color.forEach((value, at) => (rows[y * (1 + side * 3) + 1 + x * 3 + at] = isRing ? 255 - (255 - value) / 6 : value));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [pngChunk('IHDR', header), pngChunk('IDAT', deflateSync(rows)), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}
