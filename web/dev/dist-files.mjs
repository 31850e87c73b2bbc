// Serves dist as the real server serves its embedded copy: with its Content-Security-Policy, and pages by any path.
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = process.env.DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export function serveDist(path, response) {
  const file = path.startsWith('/assets/') ? join(dist, path) : join(dist, 'index.html');
  if (!existsSync(file)) return void response.writeHead(404).end('not found');
  const encoded = existsSync(`${file}.br`);
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': policy,
    ...(encoded ? { 'Content-Encoding': 'br' } : {}),
  });
  response.end(readFileSync(encoded ? `${file}.br` : file));
}
