// A stand-in for Berth while developing the pages: believable data in memory, the answers of api/hub.yaml.
//   npm run mock            PORT (default 22501)
// With dist built it also serves the pages with the real server's security headers: http://127.0.0.1:22501
// Whatever is not written out in dev/mock/ is answered from the contract's schemas.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveDist } from './dist-files.mjs';
import { Contract } from './mock/contract.mjs';
import { handlers } from './mock/handlers.mjs';
import { HttpError } from './mock/http-error.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const contract = new Contract(join(here, '../../api/hub.yaml'));

function readBody(request) {
  return new Promise((resolve) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => resolve(Buffer.concat(pieces).toString()));
  });
}

function parseBody(text) {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}

function send(response, status, body) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/csv' : 'application/json';
  response.writeHead(status, {
    'Content-Type': type,
    ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) }),
  });
  response.end(status === 204 ? undefined : text);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (/^\/openapi\/(hub|registry)\.yaml$/.test(url.pathname)) {
    response.writeHead(200, { 'Content-Type': 'application/yaml' });
    return response.end(readFileSync(join(here, '../../api', url.pathname.slice(9))));
  }
  if (!/^\/(v1|v2|api|oauth)\//.test(url.pathname)) return serveDist(url.pathname, response);
  const match = contract.find(request.method, url.pathname);
  if (!match)
    return send(response, 404, { message: 'page not found', detail: 'page not found', errinfo: {} });
  const body = parseBody(await readBody(request));
  const cookie = request.headers.cookie ?? '';
  const context = {
    ...match,
    query: Object.fromEntries(url.searchParams),
    body,
    cookie,
    response,
    user: userOf(cookie),
  };
  try {
    const handler = handlers[match.id];
    const answer = handler ? handler(context) : undefined;
    send(response, answer?.status ?? match.status, answer?.body ?? (handler ? '' : match.example(context)));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const { status, message, extra } = error;
    send(response, status, { message, detail: message, errinfo: {}, ...extra });
  }
});

function userOf(cookie) {
  return /berth_session=([a-z0-9]+)/.exec(cookie)?.[1];
}

const port = Number(process.env.PORT ?? 22501);
server.listen(port, process.env.HOST ?? '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${port}`));
