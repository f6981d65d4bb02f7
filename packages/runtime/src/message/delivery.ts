import { fault } from '../fault/index.ts';
import { askDown, leaveAbsent } from './away.ts';
import { gatherBacklog } from './backlog.ts';
import type { ChannelSpec } from './contract.ts';
import { defaultPolicy } from './delivery-options.ts';
import type { DeliveryOptions, DeliveryPolicy, StoreChannel } from './delivery-options.ts';
import { letGo, takeDue } from './due.ts';
import type { DueRow } from './due.ts';
import { leavePaused, noteFailed, noteTold } from './outcome.ts';
import type { OutcomeContext } from './outcome.ts';
import { Pace } from './pace.ts';
import { toldNow } from './quiet.ts';
import { failureOf } from './refusal.ts';
import { leaseMs, leaveFor, messageOf, sendHeld } from './sending.ts';
import { clearIfBlocked } from './way.ts';

const severities = ['critical', 'warning', 'info'] as const;

const idleLookMs = 1_000;
const absentLookMs = 10_000;
/** A channel that is down and can be asked is asked so often. */
const askDownMs = 60_000;

/**
 * Empties the outbox, each channel on its own, so that one that hangs delays only itself. A message is due when its time
 * has come and nothing earlier of its thread is still waiting, so that findings never overtake the first message. Whoever
 * sends one holds it by a lease with a fence, and no transaction while the provider is awaited: a second runtime skips it,
 * and a crash gives it back. The inbox's own delivery is one transaction, so it is told exactly once; an outside channel
 * is told at least once, with the message's key for its own deduplication.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #policy: DeliveryPolicy;
  readonly #outcome: OutcomeContext;
  readonly #channels = new Map<string, ChannelSpec | StoreChannel>();
  readonly #paces = new Map<string, Pace>();
  /** Receipts of what was sent while the store could not be told, and the channels that gave them. */
  readonly #unmarked = new Map<number, { readonly channel: string; readonly receipt: string }>();
  #wake: () => void = () => undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#policy = options.policy ?? defaultPolicy;
    this.#outcome = { ...options, wake: () => this.#wake() };
  }

  /** Adds a channel. Throws KORA_CHANNEL_DUPLICATE. */
  register(channel: ChannelSpec | StoreChannel): () => void {
    if (this.#channels.has(channel.name)) {
      throw fault('KORA_CHANNEL_DUPLICATE', `channel ${channel.name} exists already`);
    }
    this.#channels.set(channel.name, channel);
    this.#wake();
    return () => {
      if (this.#channels.get(channel.name) === channel) this.#channels.delete(channel.name);
    };
  }

  /** Names of the channels there are in this runtime. */
  get channels(): readonly string[] {
    return [...this.#channels.keys()];
  }

  /** A channel outside of the store; undefined when there is none of that name here. */
  outside(name: string): ChannelSpec | undefined {
    const channel = this.#channels.get(name);
    return channel === undefined || 'receive' in channel ? undefined : channel;
  }

  #outsiders(): Map<string, ChannelSpec> {
    const all = this.channels.map((name) => [name, this.outside(name)] as const);
    return new Map(all.flatMap(([name, channel]) => (channel === undefined ? [] : [[name, channel]])));
  }

  /** A message was accepted. */
  kick(): void {
    this.#wake();
  }

  /** Tells until aborted, then waits for the sends that are under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    const emptying = new Map<string, Promise<void>>();
    let looked = clock.monotonic();
    let asked = looked;
    while (!signal.aborted) {
      if (clock.monotonic() - looked >= absentLookMs) {
        looked = clock.monotonic();
        await leaveAbsent(this.#options, this.#outcome, this.channels).catch((error: unknown) =>
          onError('outbox', error),
        );
      }
      if (clock.monotonic() - asked >= askDownMs) {
        asked = clock.monotonic();
        await askDown(this.#options, this.#outsiders(), signal).catch((error: unknown) =>
          onError('outbox', error),
        );
      }
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const free = [...this.#channels.keys()].filter((name) => !emptying.has(name));
      const due = await this.#due(free).catch((error: unknown) => {
        onError('outbox', error);
        return [];
      });
      for (const name of due) {
        const emptied = this.#empty(name, signal).then((told) => {
          emptying.delete(name);
          // What became due meanwhile is looked for at once; a store that refuses is not asked again in a hurry.
          if (told) this.#wake();
        });
        emptying.set(name, emptied);
      }
      await clock.sleep(idleLookMs, AbortSignal.any([signal, woken.signal]));
    }
    await Promise.all(emptying.values());
  }

  /** Which of these channels have something to tell. */
  async #due(channels: readonly string[]): Promise<string[]> {
    if (channels.length === 0) return [];
    const rows = await this.#options.database.query<{ channel: string }>(
      `select distinct channel from kora.outbox
       where workspace_id = $1 and channel = any($2) and due_at <= clock_timestamp()`,
      [this.#options.workspaceId, channels],
    );
    return rows.map(({ channel }) => channel);
  }

  /** Tells until nothing of the channel is due; answers whether anything was told. */
  async #empty(name: string, signal: AbortSignal): Promise<boolean> {
    let any = false;
    try {
      while (!signal.aborted && (await this.#next(name, signal))) any = true;
    } catch (error) {
      if (!signal.aborted) this.#options.onError(`channel ${name}`, error);
      return false;
    }
    return any;
  }

  /** Tells one message; false when none is due. */
  async #next(name: string, signal: AbortSignal): Promise<boolean> {
    const channel = this.#channels.get(name);
    if (channel === undefined) return false;
    return 'receive' in channel ? this.#receive(channel, signal) : this.#tell(channel, signal);
  }

  /** Over a channel that is in the store: told and marked in one transaction. */
  async #receive(channel: StoreChannel, signal: AbortSignal): Promise<boolean> {
    const { database, workspaceId } = this.#options;
    let taken: DueRow | undefined;
    try {
      return await database.transaction(async (tx) => {
        const query = { channel: channel.name, severities, staleMs: this.#policy.staleMs, leaseMs };
        const due = await takeDue(tx, workspaceId, query);
        if (due === undefined) return false;
        taken = due;
        const leave = await leaveFor(this.#options, channel.name);
        const message = await messageOf(tx, this.#options, due);
        this.#options.admission.redeem(leave, 'outbound_message');
        const { receipt } = await channel.receive(tx, message);
        await noteTold(tx, this.#outcome, due, receipt);
        return true;
      });
    } catch (error) {
      const due = taken;
      if (due === undefined || signal.aborted) throw error;
      // In a transaction of its own: the other one may have failed at marking what was told. Its claim was undone with it.
      const before = { ...due, fence: due.fence - 1 };
      await database.transaction((tx) => noteFailed(tx, this.#outcome, before, failureOf(error)));
      return true;
    }
  }

  /** Over a channel outside: no transaction is open while it is awaited. */
  async #tell(channel: ChannelSpec, signal: AbortSignal): Promise<boolean> {
    const { database, workspaceId } = this.#options;
    const due = await this.#take(channel.name);
    if (due === undefined) return false;
    // Handed on since or not: whoever has a receipt has told it.
    let sent = this.#unmarked.get(due.messageId);
    if (sent === undefined) {
      try {
        sent = { channel: channel.name, receipt: await sendHeld(this.#options, channel, due, signal) };
      } catch (error) {
        if (signal.aborted) {
          await letGo(database, workspaceId, due);
          throw error;
        }
        await database.transaction((tx) => noteFailed(tx, this.#outcome, due, failureOf(error)));
        return true;
      }
      this.#unmarked.set(due.messageId, sent);
    }
    const { channel: over, receipt } = sent;
    await database.transaction((tx) => noteTold(tx, this.#outcome, { ...due, channel: over }, receipt));
    this.#unmarked.delete(due.messageId);
    return true;
  }

  async #take(name: string): Promise<DueRow | undefined> {
    const { database, workspaceId, clock, stage } = this.#options;
    const { quietHours, staleMs, burst } = this.#policy;
    const hasRoom = this.#paceOf(name).hasRoom(clock.monotonic());
    const told = toldNow(quietHours, clock.now());
    const due = await database.transaction(async (tx) => {
      const gathered = await gatherBacklog(tx, { workspaceId, stage }, name, { staleMs, burst });
      await clearIfBlocked(tx, workspaceId, name);
      const now = hasRoom && gathered ? told : (['critical'] as const);
      const taken = await takeDue(tx, workspaceId, { channel: name, severities: now, staleMs, leaseMs });
      if (taken === undefined) await leavePaused(tx, this.#outcome, name);
      return taken;
    });
    if (due !== undefined) this.#paceOf(name).took(clock.monotonic());
    return due;
  }

  #paceOf(name: string): Pace {
    const known = this.#paces.get(name) ?? new Pace(this.#policy.perMinute);
    this.#paces.set(name, known);
    return known;
  }
}
