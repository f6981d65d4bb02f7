// What is looked at, in a process of its own: an HTTP and a TCP server on each of many loopback addresses, like as many hosts.
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

export interface Target {
  readonly address: string;
  readonly http: number;
  readonly tcp: number;
}

const wanted = Number(process.env['KORA_BENCH_HOSTS'] ?? '1');
const targets: Target[] = [];
for (let n = 1; n <= wanted; n += 1) {
  const address = `127.0.0.${n}`;
  const http = createHttpServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/plain' }).end('ok'),
  );
  const tcp = createTcpServer((socket) => socket.on('error', () => undefined).end());
  targets.push({ address, http: await portOf(http, address), tcp: await portOf(tcp, address) });
}
process.send?.(targets);
process.on('disconnect', () => process.exit(0));

/** Where a system has one loopback address alone, this throws: then `--hosts 1`. */
async function portOf(server: Server, address: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  return (server.address() as AddressInfo).port;
}
