// The world outside, in a process that outlives every worker: writes down what reaches it in the order in which it came,
// one JSON line each, so that a worker's own word on it is never what is checked. Usage: node scribe.ts FILE
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Told } from './outside.ts';

const [, , log = ''] = process.argv;
/** Effects by their key, as any partner that takes keys keeps them. */
const happened = new Set<string>();

const server = createServer((socket) => {
  const ignored = (): void => undefined; // its worker was killed
  socket.on('error', ignored);
  const lines = createInterface({ input: socket }).on('error', ignored);
  lines.on('line', (line) => {
    const { n, ...told } = JSON.parse(line) as Told & { readonly n: number };
    if (told.what === 'look') {
      // What a dead worker had sent before lies in its socket still: it is read first.
      setTimeout(
        () => socket.write(`${JSON.stringify({ n, happened: happened.has(told.key ?? '') })}\n`),
        20,
      );
      return;
    }
    if (told.what === 'effect') happened.add(told.key ?? '');
    appendFileSync(log, `${JSON.stringify(told)}\n`);
    socket.write(`${JSON.stringify({ n, happened: true })}\n`);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : address);
});
// It ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
