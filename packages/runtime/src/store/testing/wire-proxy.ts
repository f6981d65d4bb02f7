import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** What happens to the client whose next statement contains a text. */
interface Cut {
  readonly text: string;
  /** Before: the server never sees it. After: the server carries it out, and nobody hears of that. */
  readonly when: 'before' | 'after';
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A network between the store and its server that can lose connections at the worst moment. */
export class WireProxy {
  readonly #upstream: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #cut: Cut | undefined;
  #frozen = false;
  /** How often somebody has knocked. */
  connections = 0;

  static async open(upstream: { readonly host: string; readonly port: number }): Promise<WireProxy> {
    const proxy = new WireProxy(upstream);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => proxy.close());
    return proxy;
  }

  private constructor(upstream: { readonly host: string; readonly port: number }) {
    this.#upstream = upstream;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  cutAt(text: string, when: Cut['when']): void {
    this.#cut = { text, when };
  }

  /** From now on nothing passes, and no connection ends: a cable that was pulled. */
  freeze(): void {
    this.#frozen = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server.pause();
    }
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(client: Socket): void {
    this.connections += 1;
    const { host, port } = this.#upstream;
    const server = createConnection(join(host, `.s.PGSQL.${port}`));
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on('data', (data) => this.#fromClient(pair, data));
    server.on('data', (data) => client.write(data));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => undefined); // a reset is what this is for; 'close' follows
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
    if (this.#frozen) client.pause();
  }

  #fromClient({ client, server }: Pair, data: Buffer): void {
    const cut = this.#cut;
    if (cut === undefined || !data.includes(cut.text)) {
      server.write(data);
      return;
    }
    this.#cut = undefined;
    if (cut.when === 'before') {
      client.resetAndDestroy();
      return;
    }
    // The server's answer says that it was carried out; it gets no further than here.
    server.removeAllListeners('data');
    server.on('data', () => client.resetAndDestroy());
    server.write(data);
  }
}
