import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { backoffMs } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, messageOf } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import type { ChannelSpec, InboundDoor } from '../contract.ts';
import { channelDeaf, channelHears } from './events.ts';

export interface ListenersOptions {
  readonly clock: Clock;
  readonly door: (channel: string) => InboundDoor;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** How a channel that listens stands; `idle` until the runtime is at work. */
export interface ListenerStanding {
  readonly channel: string;
  readonly state: 'idle' | 'listening' | 'down';
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly error: string | null;
}

type Listening = ChannelSpec & Required<Pick<ChannelSpec, 'listen'>>;

interface Ear {
  readonly channel: Listening;
  standing: ListenerStanding;
  scope: Scope | undefined;
}

const backoff = { firstMs: 1_000, longestMs: 300_000 };
/** Whoever listened so long was not down at its beginning: its next failure is a first one. */
const steadyMs = 30_000;
/** A channel that does not hear that it is to end is left behind. */
const leaveMs = 5_000;

/** Keeps every channel that listens listening: one that fails is tried again, and told while it is down. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #ears = new Map<string, Ear>();
  #running = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** A channel that hears nothing needs no ear. The answer ends its listening and waits for it. */
  register(channel: ChannelSpec): () => Promise<void> {
    if (!listens(channel)) return () => Promise.resolve();
    const standing = { channel: channel.name, state: 'idle', failures: 0, error: null } as const;
    const ear: Ear = {
      channel,
      standing: { ...standing, since: this.#options.clock.now() },
      scope: undefined,
    };
    this.#ears.set(channel.name, ear);
    if (this.#running) this.#start(ear);
    return async () => {
      if (this.#ears.get(channel.name) === ear) this.#ears.delete(channel.name);
      await ear.scope?.dispose();
    };
  }

  /** How each stands, by name. */
  list(): ListenerStanding[] {
    return [...this.#ears.values()]
      .map(({ standing }) => standing)
      .sort((one, other) => one.channel.localeCompare(other.channel));
  }

  /** Listens until aborted, and then waits for every channel to end. */
  async run(signal: AbortSignal): Promise<void> {
    this.#running = true;
    for (const ear of this.#ears.values()) this.#start(ear);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#running = false;
    await Promise.all([...this.#ears.values()].map(async ({ scope }) => scope?.dispose()));
  }

  #start(ear: Ear): void {
    const scope = new Scope(`channel ${ear.channel.name}`);
    ear.scope = scope;
    scope.run(
      'listening',
      (signal) => this.#keep(ear, signal),
      (error) => this.#options.onError(`channel ${ear.channel.name}`, error),
    );
  }

  async #keep(ear: Ear, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const began = clock.monotonic();
      const steady = new AbortController();
      this.#stands(ear, failures === 0 ? { state: 'listening', failures, error: null } : { failures });
      if (failures > 0) void this.#steadily(ear, AbortSignal.any([signal, steady.signal]));
      const error = await this.#listen(ear, signal);
      steady.abort();
      if (signal.aborted) break;
      failures = clock.monotonic() - began >= steadyMs ? 1 : failures + 1;
      const text = messageOf(error);
      const isNews = ear.standing.state !== 'down';
      this.#stands(ear, { state: 'down', failures, error: text });
      if (isNews) await this.#tell([draft(channelDeaf, { channel: ear.channel.name, error: text })]);
      await clock.sleep(backoffMs(clock, failures - 1, backoff), signal);
    }
    this.#stands(ear, { state: 'idle', failures: 0, error: null });
  }

  /** Answers with what ended it. Nothing has to end while nobody asked for it. */
  async #listen({ channel }: Ear, signal: AbortSignal): Promise<unknown> {
    const { clock, door } = this.#options;
    const heard = Promise.resolve()
      .then(() => channel.listen(door(channel.name), signal))
      .then(
        () => fault('KORA_CHANNEL_DEAF', `channel ${channel.name} stopped listening by itself`),
        (error: unknown) => error,
      );
    const left = new AbortController();
    const over = new Promise<unknown>((resolve) => {
      const leave = (): void => void clock.sleep(leaveMs, left.signal).then(() => resolve(undefined));
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true, signal: left.signal });
    });
    const ended = await Promise.race([heard, over]);
    // A promise to leave that nobody needs any more ends with it.
    left.abort();
    return ended;
  }

  async #steadily(ear: Ear, signal: AbortSignal): Promise<void> {
    if (!(await this.#options.clock.sleep(steadyMs, signal))) return;
    this.#stands(ear, { state: 'listening', failures: 0, error: null });
    await this.#tell([draft(channelHears, { channel: ear.channel.name, error: null })]);
  }

  #stands(ear: Ear, change: Partial<ListenerStanding>): void {
    const isOther = change.state !== undefined && change.state !== ear.standing.state;
    ear.standing = { ...ear.standing, ...change, ...(isOther ? { since: this.#options.clock.now() } : {}) };
  }

  async #tell(drafts: readonly EventDraft[]): Promise<void> {
    await this.#options.record(drafts).catch((error: unknown) => this.#options.onError('channels', error));
  }
}

function listens(channel: ChannelSpec): channel is Listening {
  return channel.listen !== undefined;
}
