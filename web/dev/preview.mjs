// The pages of dist in front of a real server, which need not be built again after each change.
//   BERTH_API=http://localhost:5000 npm run preview     PORT (default 22502)
import { createServer, request as send } from 'node:http';
import { serveDist } from './dist-files.mjs';

const target = new URL(process.env.BERTH_API ?? 'http://localhost:5000');
const port = Number(process.env.PORT ?? 22502);

function pass(request, response) {
  const { method, url, headers } = request;
  const { hostname } = target;
  const onward = send({ hostname, port: target.port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const isApi = /^\/(?:(?:v1|v2|api|oauth|openapi)\/|token$|readyz$)/.test(pathname);
  if (isApi) pass(request, response);
  else serveDist(pathname, response);
}).listen(port, 'localhost', () => console.log(`pages on http://localhost:${port}`));
