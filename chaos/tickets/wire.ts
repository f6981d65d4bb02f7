import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type pg from 'pg';

/** What is lost on the way: what the worker says, what the server answers, or both. */
export type Silence = 'words' | 'answers' | 'both';

interface Cut {
  readonly what: Buffer;
  /** Before: the server never sees it. After: the server carries it out, and nobody hears of that. */
  readonly when: 'before' | 'after';
  readonly done: () => void;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes of it are lost: nothing that follows would make sense. */
  torn: boolean;
}

/** A network between a worker and its server that can be cut at any moment and in any way. */
export class Wire implements AsyncDisposable {
  readonly #upstream: string;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #cut: Cut | undefined;
  #silence: Silence | undefined;

  static async open({ host = '', port = 0 }: pg.ClientConfig): Promise<Wire> {
    const wire = new Wire(join(host, `.s.PGSQL.${port}`));
    await new Promise<void>((resolve) => {
      wire.#server.listen(0, '127.0.0.1', resolve);
    });
    return wire;
  }

  private constructor(upstream: string) {
    this.#upstream = upstream;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  /** The way of a worker that is to go over this wire. */
  over(connection: pg.ClientConfig): pg.ClientConfig {
    const address = this.#server.address();
    return {
      ...connection,
      host: '127.0.0.1',
      port: typeof address === 'object' && address !== null ? address.port : 0,
    };
  }

  /** Cuts the connection that says this next; resolves when it was cut, false when nobody said it in time. */
  cutAt(what: Buffer, when: Cut['when'], limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#cut = undefined;
        resolve(false);
      }, limitMs);
      const done = (): void => {
        clearTimeout(late);
        resolve(true);
      };
      this.#cut = { what, when, done };
    });
  }

  /** From now on bytes are lost in silence, and no connection ends. */
  silence(what: Silence): void {
    this.#silence = what;
  }

  /** The network is back; connections that lost something find out now. */
  heal(): void {
    this.#silence = undefined;
    for (const { client, torn } of this.#pairs) if (torn) client.resetAndDestroy();
  }

  reset(): void {
    for (const { client } of this.#pairs) client.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(client: Socket): void {
    const server = createConnection(this.#upstream);
    const pair: Pair = { client, server, torn: false };
    this.#pairs.add(pair);
    client.on('data', (data) => this.#fromClient(pair, data));
    server.on('data', (data) => {
      if (this.#silence === 'answers' || this.#silence === 'both') pair.torn = true;
      if (!pair.torn) client.write(data);
    });
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
  }

  #fromClient(pair: Pair, data: Buffer): void {
    const { client, server } = pair;
    if (this.#silence === 'words' || this.#silence === 'both') pair.torn = true;
    if (pair.torn) return;
    const cut = this.#cut;
    if (cut === undefined || !data.includes(cut.what)) {
      server.write(data);
      return;
    }
    this.#cut = undefined;
    if (cut.when === 'before') client.resetAndDestroy();
    else {
      // The server's answer says that it was carried out; it gets no further than here.
      pair.torn = true;
      server.once('data', () => client.resetAndDestroy());
      server.write(data);
    }
    cut.done();
  }
}
