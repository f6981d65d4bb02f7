import pg from 'pg';
import { backoffMs } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { Ear } from './ear.ts';

/** Empty when there was no word, or something may have been missed: then only looking tells. */
type Wake = (word: string) => void;

interface NotificationOptions {
  readonly connection: pg.ClientConfig;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Notifies a channel over another connection: how it is found out whether notifications arrive. */
  readonly tell: (channel: string) => Promise<unknown>;
}

/** Between two sendings: what comes meanwhile is one. A word after a silence goes at once. */
const restMs = 2;
const reconnect = { firstMs: 100, longestMs: 10_000 };

/**
 * Wake-ups between runtimes, on one connection of their own: NOTIFY inside a business transaction would serialise every
 * commit (substrate: 14 k/s became 0.75 k/s). A lost one costs a poll interval, so errors are reported, never thrown.
 */
export class Notifications {
  readonly #options: NotificationOptions;
  readonly #listeners = new Map<string, Set<Wake>>();
  /** The newest word for each channel that waits to be told. */
  readonly #pending = new Map<string, string>();
  readonly #closing = new AbortController();
  readonly #proofChannel: string;
  readonly #ear: Ear;
  /** Channels whose LISTEN a connection has answered. */
  readonly #answered = new WeakMap<pg.Client, Set<string>>();
  #client: Promise<pg.Client | undefined> | undefined;
  #sending: Promise<void> | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #pausing = false;

  constructor(options: NotificationOptions) {
    this.#options = options;
    this.#proofChannel = `kora_proof_${options.clock.uuid()}`;
    this.#ear = new Ear({
      clock: options.clock,
      closing: this.#closing.signal,
      tell: () => options.tell(this.#proofChannel),
      deaf: (error) => options.onError(error),
      look: () => this.#wakeAll(),
    });
  }

  async listen(channel: string, wake: Wake): Promise<Disposable> {
    const wakes = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, wakes.add(wake));
    const client = await this.#connected();
    // That another listener is there does not say that its LISTEN has arrived: only one that was answered counts.
    if (client !== undefined && this.#answered.get(client)?.has(channel) !== true) {
      if (await this.#try(client, this.#listenTo([channel]))) this.#listens(client, [channel]);
    }
    return {
      [Symbol.dispose]: () => {
        wakes.delete(wake);
      },
    };
  }

  notify(channel: string, word = ''): void {
    this.#pending.set(channel, word);
    this.#sendPending();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
    await this.#ear.closed();
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
    const { clock } = this.#options;
    // What is said in one turn of the event loop is told together.
    await new Promise(setImmediate);
    while (this.#pending.size > 0) {
      const rest = this.#sentAt + restMs - clock.monotonic();
      if (rest > 0) await clock.sleep(rest, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      const channels = [...this.#pending.keys()];
      const words = [...this.#pending.values()];
      this.#pending.clear();
      const client = await this.#connected();
      this.#sentAt = clock.monotonic();
      if (client === undefined) continue;
      const tell =
        'select pg_notify(channel, word) from unnest($1::text[], $2::text[]) as told(channel, word)';
      await this.#try(client, tell, [channels, words]);
    }
  }

  async #try(client: pg.Client, text: string, values: unknown[] = []): Promise<boolean> {
    try {
      // Without values it is a simple query, which may hold several statements.
      await (values.length === 0 ? client.query(text) : client.query(text, values));
      return true;
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(error);
      return false;
    }
  }

  #connected(): Promise<pg.Client | undefined> {
    if (this.#closing.signal.aborted || this.#pausing) return Promise.resolve(undefined);
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
      this.#ear.lost(client);
      this.#lost(connection, error);
      client.end().catch(() => undefined); // it is lost already; this only frees what is left of it
    };
    client.on('notification', ({ channel, payload }) => {
      if (channel === this.#proofChannel) this.#ear.heard(client);
      else this.#wake(channel, payload ?? '');
    });
    client.on('error', lost);
    client.on('end', () => lost(undefined));
    return connection;
  }

  async #open(client: pg.Client): Promise<pg.Client> {
    await client.connect();
    if (this.#listeners.size > 0) {
      const channels = [...this.#listeners.keys()];
      await client.query(this.#listenTo(channels));
      this.#listens(client, channels);
    }
    this.#failures = 0;
    return client;
  }

  /** The proof wants a connection at rest: on a busy one even a pooler might hand a notification over, by chance. */
  #listens(client: pg.Client, channels: readonly string[]): void {
    const answered = this.#answered.get(client) ?? new Set();
    for (const channel of channels) answered.add(channel);
    this.#answered.set(client, answered);
    this.#ear.prove(client);
  }

  #listenTo(channels: readonly string[]): string {
    return [this.#proofChannel, ...channels]
      .map((channel) => `listen ${pg.escapeIdentifier(channel)}`)
      .join('; ');
  }

  /** Connects again after a while, then wakes everyone: what was missed meanwhile is found by looking. */
  #lost(connection: Promise<pg.Client | undefined>, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    if (this.#client === connection) this.#client = undefined;
    if (error !== undefined) this.#options.onError(error);
    const { clock } = this.#options;
    const pause = backoffMs(clock, this.#failures, reconnect);
    this.#failures += 1;
    this.#pausing = true;
    void clock.sleep(pause, this.#closing.signal).then(async (slept) => {
      this.#pausing = false;
      if (!slept || this.#listeners.size === 0) return;
      if ((await this.#connected()) !== undefined) this.#wakeAll();
    });
  }

  #wakeAll(): void {
    for (const channel of this.#listeners.keys()) this.#wake(channel, '');
  }

  #wake(channel: string, word: string): void {
    for (const wake of this.#listeners.get(channel) ?? []) wake(word);
  }
}
