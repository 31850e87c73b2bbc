// Starts what is tested, and ends it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seed } from './seed.mjs';

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
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${url} does not answer`);
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

// The server, or what stands in for it: the address of the pages, that of the server behind them, and the processes to end.
async function startServer(data, { mock = false, dist = false } = {}) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  if (mock) {
    const child = start('node', [join(root, 'web/dev/mock-server.mjs')], { PORT: String(port), HOST: 'localhost' });
    await waitFor(`${base}/`);
    return { base, server: base, children: [child] };
  }
  const child = start(process.env.BERTH_PROGRAM ?? join(root, 'build/release/berth'), ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--no-access-log']);
  await waitFor(`${base}/readyz`);
  if (!dist) return { base, server: base, children: [child] };
  const front = await freePort();
  const preview = start('node', [join(root, 'web/dev/preview.mjs')], { PORT: String(front), BERTH_API: base });
  await waitFor(`http://localhost:${front}/readyz`);
  return { base: `http://localhost:${front}`, server: base, children: [preview, child] };
}

// Runs `work` with the address of the pages and the people who can sign in there, on a server that is ended and forgotten afterwards.
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
