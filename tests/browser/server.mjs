// Starts what is tested, and ends it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './browser.mjs';
import { longList, password, seed } from './seed.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function waitFor(url) {
  await eventually(() => fetch(url).then(({ ok }) => ok, () => false), `${url} answers`);
}

function start(command, args, environment = {}) {
  return spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] });
}

function end(child) {
  if (child.exitCode !== null) return undefined;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

const program = process.env.BERTH_PROGRAM ?? join(root, 'build/release/berth');

// Users, organizations, repositories with tags and pulls over time, and one very long list of tags.
function fill(data) {
  const sizes = { users: 24, organizations: 8, repositories: 120, tags: 6, 'long-list': longList, seed: 3 };
  const options = Object.entries(sizes).flatMap(([name, value]) => [`--${name}`, String(value)]);
  execFileSync(join(dirname(program), 'berth-seed'), ['--data', data, '--password', password, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
}

// The server, or what stands in for it: the address of the pages, that of the server behind them, and the processes to end.
async function startServer(data, { mock = false, dist = false } = {}) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  if (mock) {
    const child = start('node', [join(root, 'web/dev/mock-server.mjs')], { PORT: String(port), HOST: 'localhost' });
    await waitFor(`${base}/`);
    return { base, server: base, children: [child] };
  }
  fill(data);
  const child = start(program, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--no-access-log']);
  await waitFor(`${base}/readyz`);
  if (!dist) return { base, server: base, children: [child] };
  const front = await freePort();
  const preview = start('node', [join(root, 'web/dev/preview.mjs')], { PORT: String(front), BERTH_API: base });
  await waitFor(`http://localhost:${front}/readyz`);
  return { base: `http://localhost:${front}`, server: base, children: [preview, child] };
}

// Runs `work` with the address of the pages and those who can sign in there (username and password by name), on a server that is ended
// and forgotten afterwards.
export async function withServer(options, work) {
  const data = mkdtempSync(join(tmpdir(), 'berth-browser-'));
  const { base, server, children } = await startServer(data, options);
  try {
    const people = options.mock
      ? { alice: { username: 'alice', password: 'any' }, admin: { username: 'admin', password: 'any' } }
      : await seed(server, readFileSync(join(data, 'initial-admin-password'), 'utf8').trim());
    await work(base, people);
  } finally {
    await Promise.all(children.map(end));
    rmSync(data, { recursive: true, force: true });
  }
}
