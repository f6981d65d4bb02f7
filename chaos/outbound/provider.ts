import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const posted = z.object({ key: z.string(), thread: z.string(), messageId: z.number() });

/** A message as the provider took it. */
export type Taken = z.infer<typeof posted>;

/** What goes out arrives here: refused or broken off half the time, and taken once by its key. */
export class Provider {
  /** By key, in the order in which they were taken first. */
  readonly taken = new Map<string, Taken>();
  readonly tally = { requests: 0, refused: 0, patience: 0, lost: 0, again: 0 };
  readonly #server;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        this.tally.requests += 1;
        const fate = this.#random();
        if (fate < 0.01) {
          this.tally.patience += 1;
          response.writeHead(429, { 'retry-after': '0.2' }).end();
        } else if (fate < 0.3) {
          this.tally.refused += 1;
          response.writeHead(503).end();
        } else {
          const message = posted.parse(JSON.parse(body));
          // It knows the key: the same message again is the same message.
          if (this.taken.has(message.key)) this.tally.again += 1;
          else this.taken.set(message.key, message);
          if (fate >= 0.5) response.end(`receipt-${message.key}`);
          else {
            // Taken, and its answer never arrives.
            this.tally.lost += 1;
            request.socket.destroy();
          }
        }
      });
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the provider has no address');
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
