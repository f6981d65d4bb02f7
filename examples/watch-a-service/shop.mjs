// A small shop to watch: `GET /health` says that it is open. Kill it (Ctrl-C) and Kora notices within two seconds.
import { createServer } from 'node:http';

const port = Number(process.env.SHOP_PORT ?? 8091);
const opened = Date.now();

createServer((request, response) => {
  if (request.url !== '/health') {
    response.writeHead(404).end();
    return;
  }
  const openSeconds = Math.round((Date.now() - opened) / 1000);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ open: true, openSeconds }));
}).listen(port, '127.0.0.1', () =>
  console.log(`the shop is open on http://127.0.0.1:${port}/health, pid ${process.pid}`),
);
