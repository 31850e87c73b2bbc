// One believable image: configuration, layers, file system.
import { ago, digest, platforms } from './data.mjs';

const layers = [
  ['ADD rootfs.tar.xz / # buildkit', 29_150_479],
  ['ENV NGINX_VERSION=1.27.2', 0],
  [
    'RUN /bin/sh -c set -x && groupadd --system --gid 101 nginx && useradd --system --gid nginx --no-create-home --home /nonexistent --shell /bin/false --uid 101 nginx && apt-get update && apt-get install --no-install-recommends -y gnupg1 ca-certificates # buildkit',
    41_822_120,
  ],
  ['COPY docker-entrypoint.sh / # buildkit', 628],
  ['COPY 10-listen-on-ipv6-by-default.sh /docker-entrypoint.d # buildkit', 954],
  ['ENTRYPOINT ["/docker-entrypoint.sh"]', 0],
  ['EXPOSE map[80/tcp:{}]', 0],
  ['CMD ["nginx" "-g" "daemon off;"]', 0],
].map(([instruction, size], index) => ({
  index,
  ...(size ? { digest: digest(), media_type: 'application/vnd.oci.image.layer.v1.tar+gzip' } : {}),
  size,
  instruction,
  created: ago(40),
  comment: 'buildkit.dockerfile.v0',
}));

const children = platforms.map((platform, at) => ({
  digest: digest(),
  platform,
  size: 71_000_000 + at * 1_300_000,
  attestation: false,
  pulled_at: ago(2 + at),
  present: true,
}));
const configDigest = digest();

export function image(row, platform) {
  const chosen = children.find(
    ({ platform: { os, architecture, variant } }) =>
      [os, architecture, variant].filter(Boolean).join('/') === platform,
  );
  const child = chosen ?? children[0];
  return {
    digest: row.digest,
    media_type: row.media_type,
    kind: 'index',
    artifact_type: null,
    size: 1_230,
    total_size: row.size,
    tags: [row.name],
    annotations: { 'org.opencontainers.image.revision': '8f3c2b1' },
    pushed_at: row.pushed_at,
    pushed_by: row.pushed_by,
    pulled_at: row.pulled_at,
    platforms: children.slice(0, row.platforms.length),
    referrer_count: 3,
    image: {
      digest: child.digest,
      platform: child.platform,
      size: child.size,
      created: ago(40),
      author: '',
      user: '',
      working_dir: '/usr/share/nginx',
      entrypoint: ['/docker-entrypoint.sh'],
      cmd: ['nginx', '-g', 'daemon off;'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'NGINX_VERSION=1.27.2'],
      exposed_ports: ['80/tcp'],
      volumes: [],
      labels: {
        maintainer: 'Acme <ops@acme.example>',
        'org.opencontainers.image.source': 'https://git.acme.example/nginx',
      },
      stop_signal: 'SIGQUIT',
      layers,
      config_digest: configDigest,
    },
  };
}

export const referrers = [
  ['signature', 'application/vnd.dev.cosign.artifact.sig.v1+json'],
  ['sbom', 'application/spdx+json'],
  ['attestation', 'application/vnd.in-toto+json'],
].map(([kind, artifact_type], at) => ({
  digest: digest(),
  media_type: 'application/vnd.oci.image.manifest.v1+json',
  artifact_type,
  kind,
  size: 4_000 + at * 913,
  annotations: {},
  pushed_at: ago(30 + at),
}));

const tree = {
  '/': [
    'bin:directory',
    'etc:directory',
    'usr:directory',
    'var:directory',
    'docker-entrypoint.sh:file:1620',
    'lib:symlink:0:usr/lib',
  ],
  '/etc': [
    'nginx:directory',
    'passwd:file:839',
    'hostname:file:12',
    'os-release:file:267',
    'removed.conf:whiteout:0',
  ],
  '/etc/nginx': ['conf.d:directory', 'nginx.conf:file:648', 'mime.types:file:5349'],
  '/usr': ['bin:directory', 'lib:directory', 'share:directory'],
  '/usr/bin': ['bash:file:1265648', 'curl:file:273928', 'perl:file:3800360'],
};
const changes = ['added', 'changed', 'unchanged', 'unchanged', 'added', 'deleted'];

export function files(path) {
  return (tree[path] ?? []).map((line, at) => {
    const [name, type, size = '0', link_target = ''] = line.split(':');
    return {
      path: path === '/' ? `/${name}` : `${path}/${name}`,
      type,
      size: Number(size),
      mode: type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      modified_at: ago(400),
      link_target,
      change: type === 'whiteout' ? 'deleted' : changes[at % 5],
      layer: layers[at % 2 ? 0 : 2].digest,
      ...(type === 'directory'
        ? { children: (tree[`${path === '/' ? '' : path}/${name}`] ?? []).length }
        : {}),
    };
  });
}

export const largest = [
  '/usr/bin/perl',
  '/usr/bin/bash',
  '/usr/lib/x86_64-linux-gnu/libcrypto.so.3',
  '/usr/sbin/nginx',
].map((path, at) => ({
  ...files('/usr/bin')[0],
  path,
  size: 4_700_000 - at * 800_000,
}));

export const wasted = {
  efficiency: 0.954,
  wasted: 3_412_004,
  items: [
    '/var/cache/debconf/templates.dat',
    '/etc/ssl/certs/ca-certificates.crt',
    '/var/lib/dpkg/status',
  ].map((path, at) => ({
    path,
    wasted: 2_100_000 - at * 700_000,
    copies: 2,
    layers: [layers[0].digest, layers[2].digest],
  })),
  next: null,
};

export function comparison(base, target) {
  const side = (reference) => ({ reference, digest: digest(), platform: platforms[0], size: 71_000_000 });
  return {
    base: side(base),
    target: side(target),
    size_change: 1_204_331,
    configuration: [
      { field: 'env.NGINX_VERSION', base: '1.27.1', target: '1.27.2' },
      { field: 'labels.revision', base: null, target: '8f3c2b1' },
    ],
    layers: {
      shared: 1,
      base_only: 3,
      target_only: 3,
      shared_bytes: 29_150_479,
      target_only_bytes: 43_026_451,
    },
    packages: {
      added: [{ ecosystem: 'deb', name: 'libgd3', version: '2.3.3-9' }],
      removed: [{ ecosystem: 'deb', name: 'gnupg1', version: '1.4.23-1.1' }],
      changed: [
        { ecosystem: 'deb', name: 'nginx', base_version: '1.27.1-1', target_version: '1.27.2-1' },
        { ecosystem: 'deb', name: 'openssl', base_version: '3.0.14-1', target_version: '3.0.15-1' },
      ],
      truncated: false,
    },
    files: {
      added: 2,
      removed: 1,
      changed: 2,
      items: [
        { path: '/etc/nginx/mime.types', change: 'changed', base_size: 5231, target_size: 5349 },
        { path: '/usr/lib/libgd.so.3', change: 'added', base_size: 0, target_size: 401_232 },
        { path: '/usr/bin/gpg1', change: 'removed', base_size: 1_032_000, target_size: 0 },
      ],
      next: null,
    },
  };
}
