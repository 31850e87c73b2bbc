// The operations whose answers must hang together; the rest are made from the contract's schemas.
import { ago, categories, random, repositories, tags } from './data.mjs';
import { images } from './images.mjs';
import { repositoryOf, tagsOf, visible } from './repository.mjs';
import { administration } from './administration.mjs';
import { accounts, sessionOf } from './accounts.mjs';
import { HttpError } from './http-error.mjs';

const rounded = (count) =>
  count >= 1e9
    ? `${Math.floor(count / 1e9)}B+`
    : count >= 1e6
      ? `${Math.floor(count / 1e6)}M+`
      : count >= 1e3
        ? `${Math.floor(count / 1e3)}K+`
        : String(count);

function shown(repository, context) {
  const admin = Boolean(context.user);
  return { ...repository, permissions: { read: true, write: admin, admin } };
}

function search(context) {
  const { query = '', from = 0, size = 25, sort } = context.query;
  const chosen = (name) => (context.query[name] ?? '').split(',').filter(Boolean);
  const found = visible(context)
    .filter((each) =>
      `${each.namespace}/${each.name} ${each.description}`.toLowerCase().includes(query.toLowerCase()),
    )
    .filter((each) => chosen('badges').length === 0 || chosen('badges').includes(each.badge))
    .filter(
      (each) =>
        chosen('categories').length === 0 ||
        each.categories.some(({ slug }) => chosen('categories').includes(slug)),
    );
  if (sort === 'pull_count') found.sort((a, b) => b.pull_count - a.pull_count);
  const results = found.slice(Number(from), Number(from) + Number(size)).map((each) => ({
    id: `${each.namespace}/${each.name}`,
    name: each.namespace === 'library' ? each.name : `${each.namespace}/${each.name}`,
    slug: each.namespace === 'library' ? each.name : `${each.namespace}-${each.name}`,
    type: 'image',
    publisher: {
      id: each.namespace,
      name: each.namespace === 'library' ? 'Berth official images' : each.namespace,
    },
    created_at: each.date_registered,
    updated_at: each.last_modified,
    short_description: each.description,
    badge: each.badge,
    star_count: each.star_count,
    logo_url: {},
    categories: each.categories,
    archived: each.status === 0,
    pull_count: rounded(each.pull_count),
    operating_systems: [{ name: 'linux', label: 'Linux' }],
    architectures: [
      { name: 'amd64', label: 'x86-64' },
      { name: 'arm64', label: 'ARM 64' },
    ],
    extension_reviewed: false,
  }));
  return { body: { total: found.length, results } };
}

function storage(names) {
  const items = names.map((name) => {
    const own = 20_000_000 + random(600_000_000);
    const shared = random(300_000_000);
    return {
      name,
      storage: { own, shared, total: own + shared },
      tags: random(40),
      manifests: random(90),
      last_pushed: ago(random(900)),
    };
  });
  items.sort((a, b) => b.storage.own - a.storage.own);
  const sum = (key) => items.reduce((total, { storage: bytes }) => total + bytes[key], 0);
  return {
    body: {
      total: { own: sum('own'), shared: sum('shared'), total: sum('total') },
      computed_at: ago(0),
      items,
      next: null,
    },
  };
}

export const handlers = {
  GetSetup: () => ({
    body: {
      complete: true,
      server_name: 'Harbour',
      version: '0.1.0',
      external_url: 'http://localhost:5000',
      registry_host: 'localhost:5000',
      sign_up: 'open',
      mail_configured: false,
    },
  }),
  ListCategories: () => ({ body: categories }),
  SearchV4: search,
  SuggestSearch: (context) => ({
    body: {
      items: [
        ...visible(context).map((each) => ({
          kind: 'repository',
          name: each.namespace === 'library' ? each.name : `${each.namespace}/${each.name}`,
          description: each.description,
          badge: each.badge,
          star_count: each.star_count,
        })),
        { kind: 'user', name: 'alice', description: 'Alice Arden', badge: 'none', star_count: 0 },
        {
          kind: 'organization',
          name: 'acme',
          description: 'Acme Corporation',
          badge: 'verified_publisher',
          star_count: 0,
        },
      ]
        .filter(({ name }) => name.includes(context.query.query.toLowerCase()))
        .slice(0, 8),
    },
  }),
  CreateSession: ({ body, response }) => {
    if (body.password === 'wrong') throw new HttpError(401, 'incorrect authentication credentials');
    if (body.username === 'carol' && !body.code)
      throw new HttpError(401, 'Require secondary authentication on MFA enabled account', {
        login_2fa_token: 'x',
      });
    response.setHeader('Set-Cookie', `berth_session=${body.username}; Path=/; HttpOnly; SameSite=Lax`);
    return { body: sessionOf(body.username) };
  },
  GetSession: (context) => {
    if (!context.user) throw new HttpError(401, 'authentication required');
    return { body: sessionOf(context.user) };
  },
  DeleteSession: ({ response }) => {
    response.setHeader('Set-Cookie', 'berth_session=; Path=/; Max-Age=0');
    return {};
  },
  GetUser: ({ params }) => {
    const found = accounts.find((each) => (each.username ?? each.orgname) === params.username);
    if (!found) throw new HttpError(404, 'object not found');
    return { body: found };
  },
  GetOrganization: ({ params }) => ({
    body: accounts.find((each) => each.orgname === params.org_name) ?? accounts[1],
  }),
  ListNamespaceRepositories: (context) => {
    const results = visible(context).filter(
      (each) => each.namespace === context.params.namespace && each.name.includes(context.query.name ?? ''),
    );
    return { body: { count: results.length, next: null, previous: null, results } };
  },
  GetRepository: (context) => ({ body: shown(repositoryOf(context), context) }),
  UpdateRepository: (context) => {
    const { immutable_tags, immutable_tags_rules, ...rest } = context.body;
    const repository = Object.assign(repositoryOf(context), rest);
    if (immutable_tags !== undefined)
      repository.immutable_tags_settings = { enabled: immutable_tags, rules: immutable_tags_rules ?? [] };
    return { body: shown(repository, context) };
  },
  UpdateImmutableTags: (context) => {
    const repository = repositoryOf(context);
    repository.immutable_tags_settings = {
      enabled: context.body.immutable_tags,
      rules: context.body.immutable_tags_rules,
    };
    return { body: shown(repository, context) };
  },
  VerifyImmutableTags: (context) => {
    try {
      const pattern = new RegExp(`^(?:${context.body.regex})$`);
      return {
        body: {
          tags: tagsOf(context)
            .map(({ name }) => name)
            .filter((name) => pattern.test(name)),
        },
      };
    } catch {
      throw new HttpError(400, 'regex: not a valid expression', {
        fields: { regex: ['not a valid expression'] },
      });
    }
  },
  SetRepositoryPrivacy: (context) => (
    (repositoryOf(context).is_private = context.body.is_private),
    { body: {} }
  ),
  SetRepositoryCategories: (context) => {
    repositoryOf(context).categories = categories.filter(({ slug }) =>
      context.body.some((each) => each.slug === slug),
    );
    return { body: repositoryOf(context).categories };
  },
  CreateNamespaceRepository: ({ params, body }) => {
    const repository = {
      ...repositories[5],
      ...body,
      namespace: params.namespace,
      storage_size: 0,
      star_count: 0,
      pull_count: 0,
      last_updated: null,
      full_description: '',
    };
    repositories.push(repository);
    tags.set(`${params.namespace}/${body.name}`, []);
    return { status: 201, body: repository };
  },
  DeleteRepository: (context) => (
    repositories.splice(repositories.indexOf(repositoryOf(context)), 1),
    { status: 202, body: {} }
  ),
  StarRepository: (context) => {
    const repository = repositoryOf(context);
    repository.has_starred = true;
    repository.star_count += 1;
    return { body: {} };
  },
  UnstarRepository: (context) => {
    const repository = repositoryOf(context);
    repository.has_starred = false;
    repository.star_count -= 1;
    return { status: 204 };
  },
  GetRepositoryStorage: (context) =>
    storage(
      tagsOf(context)
        .slice(0, 12)
        .map(({ name }) => name),
    ),
  GetNamespaceStorage: (context) =>
    storage(
      repositories.filter((each) => each.namespace === context.params.namespace).map(({ name }) => name),
    ),
  ExportRepositoryStorage: () => ({ body: 'name,own,shared,total\n' }),
  ListCollaborators: () => ({ body: { count: 1, next: null, previous: null, results: [{ user: 'bob' }] } }),
  ListRepositoryGroups: () => ({
    body: {
      count: 2,
      next: null,
      previous: null,
      results: [
        { group_id: 1, group_name: 'developers', permission: 'write' },
        { group_id: 2, group_name: 'operators', permission: 'admin' },
      ],
    },
  }),
  GetPullStatistics: () => ({
    body: {
      from: ago(720),
      to: ago(0),
      interval: 'day',
      total_pulls: 9120,
      total_version_checks: 4011,
      points: Array.from({ length: 30 }, (_, at) => ({
        at: ago(720 - at * 24),
        pulls: 200 + random(200),
        version_checks: 90 + random(90),
      })),
    },
  }),
  GetServerStorage: () => storage(['acme', 'grafton', 'library', 'alice']),
  ...images,
  ...administration,
};
