import pg from 'pg';
import { connectionOn } from './way.ts';
import type { StoreWay } from './way.ts';

interface LineOptions {
  readonly way: StoreWay;
  /** As `pg_stat_activity` names it. */
  readonly name: string;
  /** Milliseconds that a connection, and each answer, is waited for. */
  readonly answerMs: number;
}

/**
 * One connection for one caller, beside every pool: nobody else's load holds up its statements. Made when it is needed,
 * given up at the first failure of any kind, so that the next statement meets a new one. Its errors are the driver's.
 */
export class Line {
  readonly #options: LineOptions;
  #client: pg.Client | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** One statement that is its own transaction. Never two at once. */
  async ask<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
    try {
      this.#client ??= await this.#connect();
      const question = { text, values: [...values], query_timeout: this.#options.answerMs };
      return (await this.#client.query<Row>(question)).rows;
    } catch (error) {
      this.#drop(this.#client);
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined); // the server may be gone already; closing is the aim either way
  }

  async #connect(): Promise<pg.Client> {
    const { way, name, answerMs } = this.#options;
    const client = new pg.Client({
      ...connectionOn(way),
      application_name: name,
      connectionTimeoutMillis: answerMs,
      keepAlive: true,
    });
    // Without a handler the thread would end of it.
    client.on('error', () => this.#drop(client));
    await client.connect();
    return client;
  }

  /** With a question on its way the driver cuts the connection instead of waiting for the answer. */
  #drop(client: pg.Client | undefined): void {
    if (client === undefined) return;
    if (this.#client === client) this.#client = undefined;
    client.end().catch(() => undefined); // it is lost already; this only frees what is left of it
  }
}
