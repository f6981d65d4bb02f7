import type { Admission, Pass } from '../admission/index.ts';
import { draft, storable } from '../chain/index.ts';
import type { EventDraft, EventLinks } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { ChannelSpec, OutboundMessage } from './contract.ts';
import { deliveryFailed, messageDelivered, messageRerouted } from './events.ts';
import { stuckAfterTries } from './outbox.ts';

export interface DeliveryOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** A channel whose receiving end is the store itself: its write joins the transaction that marks the delivery. */
export interface StoreChannel {
  readonly name: string;
  receive(tx: Transaction, message: OutboundMessage): Promise<{ readonly receipt: string }>;
}

interface DueRow extends Omit<OutboundMessage, 'createdAt' | 'attempt'> {
  /** The event that said it was accepted; null when an older build accepted it. */
  readonly acceptedEvent: string | null;
  readonly channel: string;
  /** Where it goes when the channel keeps refusing it. */
  readonly fallback: readonly string[];
  readonly attempts: number;
  readonly createdAt: Date;
}

interface Send {
  readonly name: string;
  readonly message: OutboundMessage;
  readonly leave: Pass<'outbound_message'>;
  readonly signal: AbortSignal;
}

const idleLookMs = 1_000;
const sendDeadlineMs = 30_000;
const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
/** A channel that no runtime had for so long is not waited for, where there is another one. */
const absentMs = 60_000;
const absentLookMs = 10_000;
/** How long a send may go on after shutdown began. */
const sendGraceMs = 2_000;

/**
 * Empties the outbox, each channel on its own, so that one that hangs delays only itself. A message is due when its time
 * has come and nothing earlier of its thread is still waiting, so that findings never overtake the first message. Taking
 * one holds its row for the length of the send: a second runtime skips it, and a crash gives it back. The inbox's own
 * delivery is one transaction, so it is told exactly once; an outside channel is told at least once, with the message's
 * key for its own deduplication.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #channels = new Map<string, ChannelSpec | StoreChannel>();
  #wake: () => void = () => undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
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

  /** A message was accepted. */
  kick(): void {
    this.#wake();
  }

  /** Tells until aborted, then waits for the sends that are under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    const emptying = new Map<string, Promise<void>>();
    let looked = clock.monotonic();
    while (!signal.aborted) {
      if (clock.monotonic() - looked >= absentLookMs) {
        looked = clock.monotonic();
        await this.#leaveAbsent().catch((error: unknown) => onError('outbox', error));
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
    const { database, workspaceId } = this.#options;
    let taken: DueRow | undefined;
    try {
      return await database.transaction(async (tx) => {
        const due = await takeDue(tx, workspaceId, name);
        if (due === undefined) return false;
        taken = due;
        const { createdAt, attempts } = due;
        const message = { ...due, createdAt: createdAt.toISOString(), attempt: attempts + 1 };
        const leave = await this.#leaveFor(name);
        const { receipt } = await this.#send(tx, { name, message, leave, signal });
        await this.#delivered(tx, due, receipt);
        return true;
      });
    } catch (error) {
      const due = taken;
      if (due === undefined || signal.aborted) throw error;
      // In a transaction of its own: the other one may have failed at marking what was sent.
      await database.transaction((tx) => this.#failed(tx, due, String(storable(messageOf(error)))));
      return true;
    }
  }

  /** Throws KORA_ADMISSION_DENIED. Every message of the outbox is to the operator; the runtime itself is who sends. */
  async #leaveFor(channel: string): Promise<Pass<'outbound_message'>> {
    const ask = { caller: 'kora', channel, to: 'operator' } as const;
    const leave = await this.#options.admission.admit('outbound_message', ask);
    if (leave.allow) return leave.pass;
    throw fault('KORA_ADMISSION_DENIED', `nothing may be sent over ${channel}: ${leave.cause}`);
  }

  async #send(
    tx: Transaction,
    { name, message, leave, signal }: Send,
  ): Promise<{ readonly receipt: string }> {
    const { admission, clock } = this.#options;
    const channel = this.#channels.get(name);
    if (channel === undefined) throw fault('KORA_CHANNEL_UNKNOWN', `there is no channel ${name}`);
    if ('receive' in channel) {
      admission.redeem(leave, 'outbound_message');
      return channel.receive(tx, message);
    }
    const deadline = { ms: sendDeadlineMs, what: `channel ${name}`, signal, graceMs: sendGraceMs };
    const answer: unknown = await withDeadline(clock, deadline, async (limit) => {
      admission.redeem(leave, 'outbound_message');
      return channel.send(message, limit);
    });
    return { receipt: receiptOf(answer) ?? `${name}:${message.messageId}` };
  }

  async #delivered(tx: Transaction, due: DueRow, receipt: string): Promise<void> {
    const { workspaceId, stage } = this.#options;
    const attempts = due.attempts + 1;
    await tx.query(
      `with told as (delete from kora.outbox where workspace_id = $1 and message_id = $2)
       insert into kora.delivery (workspace_id, message_id, receipt, attempts) values ($1, $2, $3, $4)`,
      [workspaceId, due.messageId, receipt, attempts],
    );
    const payload = { message_id: due.messageId, channel: due.channel, receipt, attempts };
    await stage(tx, [draft(messageDelivered, payload, linksOf(due))]);
  }

  async #failed(tx: Transaction, due: DueRow, error: string): Promise<void> {
    const { workspaceId, stage, clock } = this.#options;
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** due.attempts) * (0.75 + clock.random() / 2);
    const kept = await tx.query(
      `update kora.outbox set attempts = attempts + 1, error = $3,
         due_at = clock_timestamp() + make_interval(secs => $4)
       where workspace_id = $1 and message_id = $2 returning message_id`,
      [workspaceId, due.messageId, error, delay / 1_000],
    );
    // Told after all: the failure was of hearing that it was.
    if (kept.length === 0) return;
    const attempts = due.attempts + 1;
    const payload = { message_id: due.messageId, channel: due.channel, error, attempts };
    await stage(tx, [draft(deliveryFailed, payload, linksOf(due))]);
    if (attempts >= stuckAfterTries && due.fallback.length > 0) await this.#moveOn(tx, due, attempts);
  }

  /** Hands a message to the next of its channels, which tries it afresh. */
  async #moveOn(
    tx: Transaction,
    due: Pick<DueRow, 'messageId' | 'channel' | 'fallback' | 'correlationId' | 'acceptedEvent'>,
    attempts: number,
  ): Promise<void> {
    const { workspaceId, stage } = this.#options;
    const [to, ...rest] = due.fallback;
    if (to === undefined) return;
    await tx.query(
      `with moved as (update kora.outbox set channel = $3, fallback = $4, attempts = 0, due_at = clock_timestamp()
         where workspace_id = $1 and message_id = $2)
       update kora.message set channel = $3 where workspace_id = $1 and message_id = $2`,
      [workspaceId, due.messageId, to, rest],
    );
    const payload = { message_id: due.messageId, channel: due.channel, to, attempts };
    await stage(tx, [draft(messageRerouted, payload, linksOf(due))]);
    tx.afterCommit(() => this.#wake());
  }

  /** Messages of a channel that is not here, and that no other runtime has tried either. */
  async #leaveAbsent(): Promise<void> {
    const { database, workspaceId } = this.#options;
    const absent = `workspace_id = $1 and fallback <> '{}' and attempts = 0 and channel <> all($2)
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
}

async function takeDue(tx: Transaction, workspaceId: number, channel: string): Promise<DueRow | undefined> {
  const [due] = await tx.query<DueRow>(
    `select m.message_id as "messageId", m.key, m.channel, m.thread, m.severity, m.title, m.body, m.source,
       m.correlation_id as "correlationId", m.attachments, m.accepted_event as "acceptedEvent", m.created_at as "createdAt",
       o.attempts, o.fallback
     from kora.outbox o join kora.message m using (workspace_id, message_id)
     where o.workspace_id = $1 and o.channel = $2 and o.due_at <= clock_timestamp()
       and not exists (select from kora.outbox earlier where earlier.workspace_id = o.workspace_id
         and earlier.channel = o.channel and earlier.thread = o.thread and earlier.message_id < o.message_id)
     order by o.message_id limit 1 for update of o skip locked`,
    [workspaceId, channel],
  );
  return due;
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
