import pg from 'pg';
import type { Clock } from '../clock/index.ts';

interface NotificationOptions {
  readonly connection: pg.ClientConfig;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

const coalesceMs = 5;
const reconnectMs = 1_000;

/**
 * Wake-ups between runtimes, on one connection of their own: NOTIFY inside a business transaction would serialise every
 * commit (substrate: 14 k/s became 0.75 k/s). A lost one costs a poll interval, so errors are reported, never thrown.
 */
export class Notifications {
  readonly #options: NotificationOptions;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #pending = new Set<string>();
  readonly #closing = new AbortController();
  #client: Promise<pg.Client | undefined> | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: NotificationOptions) {
    this.#options = options;
  }

  async listen(channel: string, wake: () => void): Promise<Disposable> {
    const wakes = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, wakes.add(wake));
    const client = await this.#connected();
    // Asked for each time: that another listener is there does not say that its LISTEN has arrived.
    if (client !== undefined) await this.#try(client, `listen ${pg.escapeIdentifier(channel)}`);
    return {
      [Symbol.dispose]: () => {
        wakes.delete(wake);
      },
    };
  }

  notify(channel: string): void {
    this.#pending.add(channel);
    this.#sendPending();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
    const client = await this.#client;
    await client?.end().catch(() => undefined); // the server may be gone already; closing is the aim either way
  }

  #sendPending(): void {
    if (this.#pending.size === 0 || this.#closing.signal.aborted) return;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      // What came between the last look and this moment.
      this.#sendPending();
    });
  }

  async #send(): Promise<void> {
    while (this.#pending.size > 0 && (await this.#options.clock.sleep(coalesceMs, this.#closing.signal))) {
      const channels = [...this.#pending];
      this.#pending.clear();
      const client = await this.#connected();
      if (client === undefined) continue;
      await this.#try(client, 'select pg_notify(channel, $2) from unnest($1::text[]) as channel', [
        channels,
        '',
      ]);
    }
  }

  async #try(client: pg.Client, text: string, values: unknown[] = []): Promise<void> {
    try {
      await client.query(text, values);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(error);
    }
  }

  #connected(): Promise<pg.Client | undefined> {
    if (this.#closing.signal.aborted) return Promise.resolve(undefined);
    this.#client ??= this.#connect();
    return this.#client;
  }

  #connect(): Promise<pg.Client | undefined> {
    const client = new pg.Client({ ...this.#options.connection, application_name: 'kora notifications' });
    const connection = this.#open(client).catch((error: unknown) => {
      lost(error);
      return undefined;
    });
    // Told by whichever comes first of error, end and failure; of the others no word, a newer connection may stand by then.
    let gone = false;
    const lost = (error: unknown): void => {
      if (gone) return;
      gone = true;
      this.#lost(connection, error);
      client.end().catch(() => undefined); // it is lost already; this only frees what is left of it
    };
    client.on('notification', ({ channel }) => this.#wake(channel));
    client.on('error', lost);
    client.on('end', () => lost(undefined));
    return connection;
  }

  async #open(client: pg.Client): Promise<pg.Client> {
    await client.connect();
    for (const channel of this.#listeners.keys())
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    return client;
  }

  /** Connects again after a while, then wakes everyone: what was missed meanwhile is found by looking. */
  #lost(connection: Promise<pg.Client | undefined>, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    if (this.#client === connection) this.#client = undefined;
    if (error !== undefined) this.#options.onError(error);
    void this.#options.clock.sleep(reconnectMs, this.#closing.signal).then(async (slept) => {
      if (!slept || this.#listeners.size === 0) return;
      if ((await this.#connected()) !== undefined)
        for (const channel of this.#listeners.keys()) this.#wake(channel);
    });
  }

  #wake(channel: string): void {
    for (const wake of this.#listeners.get(channel) ?? []) wake();
  }
}
