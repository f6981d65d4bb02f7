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

/** A statement that is held back until something has been done. */
interface Trap {
  readonly text: string;
  readonly does: () => Promise<void> | void;
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
  readonly #traps: Trap[] = [];
  #frozen = false;
  #away = false;
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

  /** When a client says this text, and what was trapped before it has come: `does` runs before it goes on to the server. */
  trap(text: string, does: Trap['does'] = () => undefined): void {
    this.#traps.push({ text, does });
  }

  /** From now on whoever is connected, or knocks, is thrown out: a server that is down. */
  down(): void {
    this.#away = true;
    for (const { client } of this.#pairs) client.resetAndDestroy();
  }

  up(): void {
    this.#away = false;
  }

  /** From now on nothing passes, and no connection ends: a cable that was pulled. */
  freeze(): void {
    this.#frozen = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server.pause();
    }
  }

  /** The cable is back, and what was on its way arrives. */
  thaw(): void {
    this.#frozen = false;
    for (const { client, server } of this.#pairs) {
      client.resume();
      server.resume();
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
    if (this.#away) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const { host, port } = this.#upstream;
    const server = createConnection(join(host, `.s.PGSQL.${port}`));
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on('data', (data) => this.#hear(pair, data));
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

  #hear(pair: Pair, data: Buffer): void {
    const [trap] = this.#traps;
    if (trap === undefined || !data.includes(trap.text)) return this.#fromClient(pair, data);
    this.#traps.shift();
    pair.client.pause();
    void this.#letThrough(pair, data, trap);
  }

  async #letThrough(pair: Pair, data: Buffer, { does }: Trap): Promise<void> {
    await does();
    if (pair.client.destroyed) return;
    this.#fromClient(pair, data);
    if (!this.#frozen) pair.client.resume();
  }

  #fromClient(pair: Pair, data: Buffer): void {
    const { client, server } = pair;
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
    // The server's answer gets no further than here. A batch is answered piece by piece: what it still has to do is not taken
    // from it, and it hears the end of the line behind everything that was sent.
    server.removeAllListeners('data').removeAllListeners('close');
    client.removeAllListeners('close');
    this.#pairs.delete(pair);
    server.once('data', () => {
      client.resetAndDestroy();
      server.end().resume();
    });
    server.write(data);
  }
}
