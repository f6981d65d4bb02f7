import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import process from 'node:process';

/** The world outside, in a process of its own: writes down every effect it is asked for, one key a line. */
const [, , file = ''] = process.argv;
const server = createServer((request, response) => {
  const key = decodeURIComponent(request.url?.slice(1) ?? '');
  if (request.method === 'POST') appendFileSync(file, `${key}\n`, { flush: true });
  response.end('done');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? String(address?.port) : ''}\n`);
});
