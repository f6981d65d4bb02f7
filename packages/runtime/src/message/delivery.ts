import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { ChannelSpec, OutboundMessage } from './contract.ts';
import { deliveryFailed, messageDelivered } from './events.ts';

export interface DeliveryOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** A channel whose receiving end is the store itself: its write joins the transaction that marks the delivery. */
export interface StoreChannel {
  readonly name: string;
  receive(tx: Transaction, message: OutboundMessage): Promise<{ readonly receipt: string }>;
}

interface DueRow extends Omit<OutboundMessage, 'createdAt' | 'attempt'> {
  readonly channel: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

const idleLookMs = 1_000;
const sendDeadlineMs = 30_000;
const firstRetryMs = 1_000;
const longestRetryMs = 300_000;

/**
 * Empties the outbox. A message is due when its time has come and nothing earlier of its thread is still waiting, so
 * that findings never overtake the first message. Taking one holds its row for the length of the send: a second runtime
 * skips it, and a crash gives it back. The inbox's own delivery is one transaction, so it is told exactly once; an
 * outside channel is told at least once, with the message's key for its own deduplication.
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
      this.#channels.delete(channel.name);
    };
  }

  /** A message was accepted. */
  kick(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      const told = await this.#next(signal).catch((error: unknown) => {
        this.#options.onError('outbox', error);
        return false;
      });
      if (!told) await this.#options.clock.sleep(idleLookMs, AbortSignal.any([signal, woken.signal]));
    }
  }

  /** Tells one message; false when none is due. */
  async #next(signal: AbortSignal): Promise<boolean> {
    return this.#options.database.transaction(async (tx) => {
      const due = await takeDue(tx, this.#options.workspaceId, [...this.#channels.keys()]);
      if (due === undefined) return false;
      const message: OutboundMessage = {
        ...due,
        createdAt: due.createdAt.toISOString(),
        attempt: due.attempts + 1,
      };
      try {
        const { receipt } = await this.#send(tx, due.channel, message, signal);
        await this.#delivered(tx, due, receipt);
      } catch (error) {
        if (signal.aborted) throw error;
        await this.#failed(tx, due, messageOf(error));
      }
      return true;
    });
  }

  #send(
    tx: Transaction,
    name: string,
    message: OutboundMessage,
    signal: AbortSignal,
  ): Promise<{ readonly receipt: string }> {
    const channel = this.#channels.get(name);
    if (channel === undefined)
      return Promise.reject(fault('KORA_CHANNEL_UNKNOWN', `there is no channel ${name}`));
    if ('receive' in channel) return channel.receive(tx, message);
    const deadline = { ms: sendDeadlineMs, what: `channel ${name}`, signal };
    return withDeadline(this.#options.clock, deadline, (limit) => channel.send(message, limit));
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
    await tx.query(
      `update kora.outbox set attempts = attempts + 1, error = $3,
         due_at = clock_timestamp() + make_interval(secs => $4)
       where workspace_id = $1 and message_id = $2`,
      [workspaceId, due.messageId, error, delay / 1_000],
    );
    const payload = { message_id: due.messageId, channel: due.channel, error, attempts: due.attempts + 1 };
    await stage(tx, [draft(deliveryFailed, payload, linksOf(due))]);
  }
}

async function takeDue(
  tx: Transaction,
  workspaceId: number,
  channels: readonly string[],
): Promise<DueRow | undefined> {
  const [due] = await tx.query<DueRow>(
    `select m.message_id as "messageId", m.key, m.channel, m.thread, m.severity, m.title, m.body, m.source,
       m.correlation_id as "correlationId", m.created_at as "createdAt", o.attempts
     from kora.outbox o join kora.message m using (workspace_id, message_id)
     where o.workspace_id = $1 and o.channel = any($2) and o.due_at <= clock_timestamp()
       and not exists (select from kora.outbox earlier where earlier.workspace_id = o.workspace_id
         and earlier.channel = o.channel and earlier.thread = o.thread and earlier.message_id < o.message_id)
     order by o.message_id limit 1 for update of o skip locked`,
    [workspaceId, channels],
  );
  return due;
}

function linksOf(due: DueRow): { correlationId?: string } {
  return due.correlationId === null ? {} : { correlationId: due.correlationId };
}
