// The third process of a fault run: it outlives every runtime and writes down what reached the outside, so that the
// runtime's own word on it is never what is checked. Usage: node wire.ts FILE
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A delivery takes a moment, so that a kill can meet one. */
const acknowledgeMs = 20;
const [, , log = ''] = process.argv;

const server = createServer((request, response) => {
  void text(request).then(async (key) => {
    appendFileSync(log, `${key}\n`, { flush: true });
    await sleep(acknowledgeMs);
    response.end(`wire:${key}`);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : address);
});
