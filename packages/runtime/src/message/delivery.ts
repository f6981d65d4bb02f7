import type { Admission, Pass } from '../admission/index.ts';
import { draft, storable } from '../chain/index.ts';
import type { EventDraft, EventLinks } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import { gatherBacklog, wordsWithCarried } from './backlog.ts';
import { noteRefusal, notePause, noteWorking } from './channel-state.ts';
import type { ChannelSpec, OutboundMessage } from './contract.ts';
import { mintCode } from './decision/codes.ts';
import { companyOf, letGo, markTold, renew, takeDue } from './due.ts';
import type { DueRow } from './due.ts';
import { deliveryFailed, messageDelivered, messageRerouted } from './events.ts';
import { stuckAfterTries } from './outbox.ts';
import { Pace } from './pace.ts';
import { toldNow } from './quiet.ts';
import type { QuietHours } from './quiet.ts';
import { failureOf } from './refusal.ts';
import type { Failure } from './refusal.ts';

/** How much of what is told when. */
export interface DeliveryPolicy {
  readonly quietHours?: QuietHours | undefined;
  /** Messages that a channel outside is given in a minute; what is critical is given at once. */
  readonly perMinute: number;
  /** What waited longer is told of by its newest state. */
  readonly staleMs: number;
  /** More threads than that, after so long, are one message. */
  readonly burst: number;
}

export const defaultPolicy: DeliveryPolicy = { perMinute: 60, staleMs: 600_000, burst: 5 };

export interface DeliveryOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
  readonly policy?: DeliveryPolicy;
}

/** A channel whose receiving end is the store itself: its write joins the transaction that marks the delivery. */
export interface StoreChannel {
  readonly name: string;
  receive(tx: Transaction, message: OutboundMessage): Promise<{ readonly receipt: string }>;
}

const severities = ['critical', 'warning', 'info'] as const;

const idleLookMs = 1_000;
const sendDeadlineMs = 30_000;
const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
/** A channel that no runtime had for so long is not waited for, where there is another one. */
const absentMs = 60_000;
const absentLookMs = 10_000;
/** A channel that is down and can be asked is asked so often. */
const askDownMs = 60_000;
/** How long a send may go on after shutdown began. */
const sendGraceMs = 2_000;
/** What a crash costs the message that was being sent. */
const leaseMs = 10_000;
const renewMs = 3_000;

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
  readonly #channels = new Map<string, ChannelSpec | StoreChannel>();
  readonly #paces = new Map<string, Pace>();
  /** Receipts of what was sent while the store could not be told. */
  readonly #unmarked = new Map<number, string>();
  #wake: () => void = () => undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#policy = options.policy ?? defaultPolicy;
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
        await this.#leaveAbsent().catch((error: unknown) => onError('outbox', error));
      }
      if (clock.monotonic() - asked >= askDownMs) {
        asked = clock.monotonic();
        await this.#askDown(signal).catch((error: unknown) => onError('outbox', error));
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
        const leave = await this.#leaveFor(channel.name);
        const message = await this.#messageOf(tx, due);
        this.#options.admission.redeem(leave, 'outbound_message');
        const { receipt } = await channel.receive(tx, message);
        await this.#told(tx, due, receipt);
        return true;
      });
    } catch (error) {
      const due = taken;
      if (due === undefined || signal.aborted) throw error;
      // In a transaction of its own: the other one may have failed at marking what was told. Its claim was undone with it.
      const before = { ...due, fence: due.fence - 1 };
      await database.transaction((tx) => this.#failed(tx, before, failureOf(error)));
      return true;
    }
  }

  /** Over a channel outside: no transaction is open while it is awaited. */
  async #tell(channel: ChannelSpec, signal: AbortSignal): Promise<boolean> {
    const { database, workspaceId } = this.#options;
    const due = await this.#take(channel.name);
    if (due === undefined) return false;
    let receipt = this.#unmarked.get(due.messageId);
    if (receipt === undefined) {
      try {
        receipt = await this.#sendHeld(channel, due, signal);
      } catch (error) {
        if (signal.aborted) {
          await letGo(database, workspaceId, due);
          throw error;
        }
        await database.transaction((tx) => this.#failed(tx, due, failureOf(error)));
        return true;
      }
      this.#unmarked.set(due.messageId, receipt);
    }
    await this.#mark(due, receipt);
    this.#unmarked.delete(due.messageId);
    return true;
  }

  async #take(name: string): Promise<DueRow | undefined> {
    const { database, workspaceId, clock, stage } = this.#options;
    const { quietHours, staleMs, burst } = this.#policy;
    const hasRoom = this.#paceOf(name).hasRoom(clock.monotonic());
    const told = toldNow(quietHours, clock.now());
    const now = hasRoom ? told : (['critical'] as const);
    const due = await database.transaction(async (tx) => {
      await gatherBacklog(tx, { workspaceId, stage }, name, { staleMs, burst });
      return takeDue(tx, workspaceId, { channel: name, severities: now, staleMs, leaseMs });
    });
    if (due !== undefined) this.#paceOf(name).took(clock.monotonic());
    return due;
  }

  #paceOf(name: string): Pace {
    const known = this.#paces.get(name) ?? new Pace(this.#policy.perMinute);
    this.#paces.set(name, known);
    return known;
  }

  async #messageOf(tx: Transaction, due: DueRow): Promise<OutboundMessage> {
    const { workspaceId } = this.#options;
    const { carried, ...company } = await companyOf(tx, workspaceId, due);
    const decision = await mintCode(tx, this.#options, due);
    return {
      messageId: due.messageId,
      key: due.key,
      thread: due.thread,
      severity: due.severity,
      ...wordsWithCarried(due, due.channel, carried),
      source: due.source,
      correlationId: due.correlationId,
      attachments: due.attachments,
      ...company,
      ...(decision === undefined ? {} : { decision }),
      createdAt: due.createdAt.toISOString(),
      attempt: due.attempts + 1,
    };
  }

  /** Throws KORA_ADMISSION_DENIED. Every message of the outbox is to the operator; the runtime itself is who sends. */
  async #leaveFor(channel: string): Promise<Pass<'outbound_message'>> {
    const ask = { caller: 'kora', channel, to: 'operator' } as const;
    const leave = await this.#options.admission.admit('outbound_message', ask);
    if (leave.allow) return leave.pass;
    throw fault('KORA_ADMISSION_DENIED', `nothing may be sent over ${channel}: ${leave.cause}`);
  }

  /** Sends, and holds the message meanwhile; whoever lost it stops. */
  async #sendHeld(channel: ChannelSpec, due: DueRow, signal: AbortSignal): Promise<string> {
    const { database } = this.#options;
    const message = await database.transaction((tx) => this.#messageOf(tx, due));
    const leave = await this.#leaveFor(channel.name);
    const [over, lost] = [new AbortController(), new AbortController()];
    const holding = this.#hold(due, AbortSignal.any([signal, over.signal]), lost);
    try {
      return await this.#send(channel, message, leave, AbortSignal.any([signal, lost.signal]));
    } finally {
      over.abort();
      await holding;
    }
  }

  async #hold(due: DueRow, until: AbortSignal, lost: AbortController): Promise<void> {
    const { database, workspaceId, clock, onError } = this.#options;
    while (await clock.sleep(renewMs, until)) {
      try {
        if (await renew(database, workspaceId, due, leaseMs)) continue;
        lost.abort();
        return;
      } catch (error) {
        // It is sent all the same; whether it was lost meanwhile, its fence says when it is marked.
        if (!isStoreAway(error)) onError(`channel ${due.channel}`, error);
      }
    }
  }

  async #send(
    channel: ChannelSpec,
    message: OutboundMessage,
    leave: Pass<'outbound_message'>,
    signal: AbortSignal,
  ): Promise<string> {
    const { admission, clock } = this.#options;
    const deadline = { ms: sendDeadlineMs, what: `channel ${channel.name}`, signal, graceMs: sendGraceMs };
    const answer: unknown = await withDeadline(clock, deadline, async (limit) => {
      admission.redeem(leave, 'outbound_message');
      return channel.send(message, limit);
    });
    return receiptOf(answer) ?? `${channel.name}:${message.messageId}`;
  }

  async #mark(due: DueRow, receipt: string): Promise<void> {
    await this.#options.database.transaction(async (tx) => {
      await this.#told(tx, due, receipt);
      return true;
    });
  }

  async #told(tx: Transaction, due: DueRow, receipt: string): Promise<void> {
    const { workspaceId, stage } = this.#options;
    const told = await markTold(tx, workspaceId, due, receipt);
    // Somebody else has it by now, and tells it under the same key.
    if (told === 0) return;
    const attempts = due.attempts + 1;
    const payload = { message_id: due.messageId, channel: due.channel, receipt, attempts, carried: told - 1 };
    await stage(tx, [draft(messageDelivered, payload, linksOf(due))]);
    await noteWorking(tx, this.#options, due.channel, true);
  }

  async #failed(tx: Transaction, due: DueRow, failure: Failure): Promise<void> {
    const { workspaceId, stage, clock } = this.#options;
    const { error, retryAfterMs, permanent } = failure;
    const backoff = Math.min(longestRetryMs, firstRetryMs * 2 ** due.attempts) * (0.75 + clock.random() / 2);
    const kept = await tx.query(
      `update kora.outbox set attempts = attempts + 1, error = $4, leased_until = null,
         due_at = clock_timestamp() + make_interval(secs => $5)
       where workspace_id = $1 and message_id = $2 and fence = $3 returning message_id`,
      [workspaceId, due.messageId, due.fence, error, (retryAfterMs ?? backoff) / 1_000],
    );
    // Told after all, or somebody else's: the failure was of hearing that it was.
    if (kept.length === 0) return;
    const attempts = due.attempts + 1;
    const payload = { message_id: due.messageId, channel: due.channel, error, attempts };
    await stage(tx, [draft(deliveryFailed, payload, linksOf(due))]);
    if (permanent) return this.#moveOn(tx, due, attempts, ['inbox']);
    if (retryAfterMs !== undefined) {
      // A provider that asks for patience is not down: only what is critical goes elsewhere.
      await notePause(tx, this.#options, { channel: due.channel, ms: retryAfterMs });
      if (due.severity !== 'critical') return;
    }
    const isDown =
      retryAfterMs === undefined && (await noteRefusal(tx, this.#options, { channel: due.channel, error }));
    if (isDown || attempts >= stuckAfterTries) await this.#moveOn(tx, due, attempts);
  }

  /** Hands a message to the next of its channels, which tries it afresh, with what it carries. */
  async #moveOn(
    tx: Transaction,
    due: Pick<DueRow, 'messageId' | 'channel' | 'fallback' | 'correlationId' | 'acceptedEvent'>,
    attempts: number,
    atLast: readonly string[] = [],
  ): Promise<void> {
    const { workspaceId, stage } = this.#options;
    const [to, ...rest] = [...due.fallback, ...atLast].filter((name) => name !== due.channel);
    if (to === undefined) return;
    await tx.query(
      `with moved as (update kora.outbox set channel = $3, fallback = $4, attempts = 0, due_at = clock_timestamp(),
         leased_until = null where workspace_id = $1 and (message_id = $2 or within = $2) returning message_id)
       update kora.message set channel = $3 where workspace_id = $1 and message_id in (select message_id from moved)`,
      [workspaceId, due.messageId, to, rest.filter((name) => due.fallback.includes(name))],
    );
    const payload = { message_id: due.messageId, channel: due.channel, to, attempts };
    await stage(tx, [draft(messageRerouted, payload, linksOf(due))]);
    tx.afterCommit(() => this.#wake());
  }

  /** Messages of a channel that is not here, and that no other runtime has tried either. */
  async #leaveAbsent(): Promise<void> {
    const { database, workspaceId } = this.#options;
    const absent = `workspace_id = $1 and fallback <> '{}' and attempts = 0 and channel <> all($2) and within is null
      and (leased_until is null or leased_until <= clock_timestamp())
      and due_at <= clock_timestamp() - make_interval(secs => ${absentMs / 1_000})`;
    const here = [workspaceId, this.channels];
    const [any] = await database.query(`select from kora.outbox where ${absent} limit 1`, here);
    if (any === undefined) return;
    await database.transaction(async (tx) => {
      const rows = await tx.query<Pick<DueRow, 'messageId' | 'channel' | 'fallback'>>(
        `select message_id as "messageId", channel, fallback from kora.outbox where ${absent}
         order by message_id limit 100 for update skip locked`,
        here,
      );
      for (const row of rows) await this.#moveOn(tx, { ...row, correlationId: null, acceptedEvent: null }, 0);
    });
  }

  /** A channel that is down and says that it would work is up again, so that nobody avoids it any longer. */
  async #askDown(signal: AbortSignal): Promise<void> {
    const { database, workspaceId, clock } = this.#options;
    const down = await database.query<{ channel: string }>(
      `select channel from kora.channel where workspace_id = $1 and down_since is not null and channel = any($2)`,
      [workspaceId, this.channels],
    );
    for (const { channel: name } of down) {
      const check = this.outside(name)?.check?.bind(this.outside(name));
      if (check === undefined) continue;
      const deadline = { ms: sendDeadlineMs, what: `channel ${name}`, signal, graceMs: 0 };
      const found = await withDeadline(clock, deadline, check).catch(() => ({ ok: false }));
      if (found.ok) await database.transaction((tx) => noteWorking(tx, this.#options, name, false));
    }
  }
}

/** What was sent is never sent again for want of a receipt. */
function receiptOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('receipt' in answer)) return undefined;
  return typeof answer.receipt === 'string' ? String(storable(answer.receipt)) : undefined;
}

function linksOf({
  correlationId,
  acceptedEvent,
}: Pick<DueRow, 'correlationId' | 'acceptedEvent'>): EventLinks {
  return {
    ...(correlationId === null ? {} : { correlationId }),
    ...(acceptedEvent === null ? {} : { causationId: acceptedEvent }),
  };
}
