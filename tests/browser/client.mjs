// Speaks to a Berth as one person: the Hub API with a bearer token, the registry as its challenge says.
import { createHash } from 'node:crypto';

export const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export class Client {
  constructor(base, username, secret) {
    Object.assign(this, { base, username, secret, registryTokens: new Map() });
  }

  async hub(method, path, body) {
    return this.send(method, path, body && JSON.stringify(body), await this.authorization());
  }

  async upload(path, type, bytes) {
    return this.send('POST', path, bytes, { ...(await this.authorization()), 'Content-Type': type });
  }

  async authorization() {
    const credentials = JSON.stringify({ username: this.username, password: this.secret });
    this.token ??= (await this.send('POST', '/v2/users/login', credentials)).token;
    return { Authorization: `Bearer ${this.token}` };
  }

  async send(method, path, body, headers = {}) {
    const response = await fetch(this.base + path, { method, headers: { 'Content-Type': 'application/json', ...headers }, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text && response.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : undefined;
  }

  // `path` follows /v2/NAME, or is an upload's whole address. `allowed` are statuses that are no failure.
  async registry(method, name, path, { body, type = 'application/octet-stream', allowed = [] } = {}) {
    const address = path.startsWith('http') ? path : `${this.base}/v2/${name}${path}`;
    for (let attempt = 0; ; attempt += 1) {
      const token = await this.registryTokens.get(name);
      const headers = { 'Content-Type': type, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
      const response = await fetch(address, { method, body, headers });
      const text = await response.text();
      if (response.status === 401 && attempt === 0) {
        this.renewToken(name, token, response.headers.get('WWW-Authenticate') ?? '');
      } else if (response.ok || allowed.includes(response.status)) {
        return { status: response.status, headers: response.headers, text };
      } else {
        throw new Error(`${method} ${address.slice(0, 200)}: ${response.status} ${text}`);
      }
    }
  }

  // Of requests that were refused together, the first asks for a token and all wait for it.
  renewToken(name, old, challenge) {
    if (this.registryTokens.has(name) && old === undefined) return;
    this.registryTokens.set(name, this.registryToken(name, challenge));
  }

  async registryToken(name, challenge) {
    const [realm, service] = ['realm', 'service'].map((key) => new RegExp(`${key}="([^"]*)"`).exec(challenge)?.[1] ?? '');
    const url = `${realm}?service=${encodeURIComponent(service)}&scope=repository:${name}:pull,push`;
    const basic = Buffer.from(`${this.username}:${this.secret}`).toString('base64');
    const response = await fetch(url, { headers: { Authorization: `Basic ${basic}` } });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return (await response.json()).token;
  }

  // Sends a blob unless the repository has it; its descriptor.
  async pushBlob(name, bytes, mediaType) {
    const digest = digestOf(bytes);
    const known = await this.registry('HEAD', name, `/blobs/${digest}`, { allowed: [404] });
    if (known.status === 404) {
      const start = await this.registry('POST', name, '/blobs/uploads/');
      const location = new URL(start.headers.get('Location'), this.base);
      location.searchParams.set('digest', digest);
      await this.registry('PUT', name, location.href, { body: bytes });
    }
    return { mediaType, digest, size: bytes.length };
  }

  // Pushes a manifest by its digest, and points `tags` at it; its descriptor. A request's head holds at most 32 KiB, so many tags
  // take several requests.
  async pushManifest(name, manifest, tags = []) {
    const body = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(body);
    const put = (some) => {
      const query = some.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&');
      return this.registry('PUT', name, `/manifests/${digest}${query && `?${query}`}`, { body, type: manifest.mediaType });
    };
    const batch = 1_000;
    await put(tags.slice(0, batch));
    for (let at = batch; at < tags.length; at += batch) await put(tags.slice(at, at + batch));
    return { mediaType: manifest.mediaType, digest, size: body.length };
  }

  // As docker does: of an index, the image of the first platform is what is pulled.
  async pull(name, reference) {
    const { text } = await this.registry('GET', name, `/manifests/${reference}`);
    const [first] = JSON.parse(text).manifests ?? [];
    if (first) await this.registry('GET', name, `/manifests/${first.digest}`);
  }
}
