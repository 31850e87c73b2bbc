// Tags, images and what is inside them.
import { ago, digest, tags } from './data.mjs';
import { comparison, files, image, largest, referrers, wasted } from './image.mjs';
import { HttpError } from './http-error.mjs';
import { tagsOf } from './repository.mjs';

function listTags(context) {
  const { name = '', sort = '-pushed', cursor = '0', limit = '50' } = context.query;
  const field = { pushed: 'pushed_at', pulled: 'pulled_at', name: 'name', size: 'size' }[
    sort.replace('-', '')
  ];
  const found = tagsOf(context).filter((row) => row.name.includes(name));
  const compare = (a, b) => ((a[field] ?? '') < (b[field] ?? '') ? -1 : 1);
  found.sort((a, b) => (sort.startsWith('-') ? -1 : 1) * compare(a, b));
  const end = Number(cursor) + Number(limit);
  return {
    body: {
      items: found.slice(Number(cursor), end),
      next: end < found.length ? String(end) : null,
      total: found.length,
    },
  };
}

function preview({ body, ...context }) {
  const rows = tagsOf(context).filter(({ name }) => body.tags?.includes(name));
  const going = rows.filter(({ immutable }) => !immutable);
  return {
    body: {
      plan: 'plan-1',
      tags: going.map(({ name }) => name),
      kept: rows.filter(({ immutable }) => immutable).map(({ name }) => ({ tag: name, reason: 'immutable' })),
      manifests: going.map((row) => ({
        digest: row.digest,
        media_type: row.media_type,
        kind: 'index',
        artifact_type: null,
        size: 1200,
        total_size: row.size,
        os: '',
        architecture: '',
        variant: '',
        tags: [row.name],
        parents: [],
        last_pushed: row.pushed_at,
        last_pulled: row.pulled_at,
        stale: row.stale,
      })),
      referrers: [digest()],
      freed: going.reduce((sum, { size }) => sum + size, 0),
      expires_at: ago(-1),
    },
  };
}

let indexing = 2;

export const images = {
  ListTagRows: listTags,
  SetTag: (context) => {
    const rows = tagsOf(context);
    const source = rows.find(
      ({ name, digest: own }) => name === context.body.source || own === context.body.source,
    );
    if (!source) throw new HttpError(404, 'tag not found');
    const old = rows.find(({ name }) => name === context.params.tag);
    if (old) Object.assign(old, { digest: source.digest });
    else rows.unshift({ ...source, name: context.params.tag, immutable: false, pushed_at: ago(0) });
    return { body: { tag: context.params.tag, digest: source.digest, previous_digest: old?.digest ?? null } };
  },
  PreviewDelete: preview,
  DeleteSelection: ({ body, ...context }) => {
    const rows = tagsOf(context);
    const kept = rows.filter(({ name, immutable }) => immutable || !body.tags.includes(name));
    tags.set(`${context.params.namespace}/${context.params.repository}`, kept);
    return {
      body: {
        deleted_tags: rows.length - kept.length,
        deleted_manifests: rows.length - kept.length,
        freed: 12_000_000,
      },
    };
  },
  GetImage: (context) => {
    const row = tagsOf(context).find(
      ({ name, digest: own }) => name === context.params.reference || own === context.params.reference,
    );
    if (!row) throw new HttpError(404, 'manifest not found');
    return { body: image(row, context.query.platform) };
  },
  GetImageManifest: () => ({
    body: { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] },
  }),
  ListImageReferrers: () => ({ body: { items: referrers, next: null } }),
  ListImageFiles: ({ query }) => {
    if (indexing > 0) {
      indexing -= 1;
      return {
        status: 202,
        body: {
          state: 'running',
          layers_done: 2 - indexing,
          layers_total: 3,
          bytes_done: (2 - indexing) * 30e6,
          bytes_total: 90e6,
          reason: '',
          retry_after: 1,
        },
      };
    }
    return { body: { items: files(query.path ?? '/'), next: null, path: query.path ?? '/' } };
  },
  ListLayerFiles: ({ query }) => ({
    body: {
      items: files(query.path ?? '/').filter(({ change }) => change !== 'unchanged'),
      next: null,
      path: query.path ?? '/',
    },
  }),
  GetImageFile: ({ query }) => ({
    body: {
      path: query.path,
      size: 648,
      layer: digest(),
      binary: query.path.startsWith('/usr'),
      truncated: false,
      text: 'root:x:0:0:root:/root:/bin/bash\nnginx:x:101:101:nginx user:/nonexistent:/bin/false\n',
      mime_type: 'text/plain',
    },
  }),
  GetLayerFile: ({ query }) => images.GetImageFile({ query }),
  ListLargestFiles: () => ({ body: { items: largest, next: null, path: '/' } }),
  GetWastedSpace: () => ({ body: wasted }),
  CompareImages: ({ query }) => ({ body: comparison(query.base, query.target) }),
};
