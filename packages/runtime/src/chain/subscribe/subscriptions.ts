import type { Clock } from '../../clock/index.ts';
import { fault, messageOf } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { ChainEvent, EventDraft } from '../contract.ts';
import { eventParked } from '../events.ts';
import { readMatching } from '../read.ts';
import { draft, storableText } from '../vocabulary.ts';

/** What a reaction writes, in the transaction that moves the cursor. */
export type Reaction = (tx: Transaction) => Promise<void>;

export interface Subscription {
  /** Unique in the workspace. */
  readonly consumer: string;
  /** Types or prefixes; none is everything. */
  readonly types: readonly string[];
  /** Where a consumer that was never seen begins. */
  readonly from: 'now' | 'beginning';
  /** Decides, outside any transaction; what it returns is written with the cursor, or neither is. */
  react(event: ChainEvent): Promise<Reaction | undefined>;
}

export interface ConsumerState {
  readonly consumer: string;
  readonly types: readonly string[];
  readonly cursor: number;
  readonly lag: number;
  readonly parked: number;
  readonly lastError: string | null;
}

export interface SubscriptionOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  /** Stages an event inside a transaction. */
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (consumer: string, error: unknown) => void;
}

interface CursorRow {
  readonly cursor: number;
  readonly attempts: number;
}

const batchEvents = 100;
const idleLookMs = 1_000;
const maxTries = 5;
const firstRetryMs = 1_000;

/**
 * Durable readers of the chain. Each consumer has one cursor in the store. It is in one of three modes: *reading* (takes
 * the next events in order, one transaction for each reaction and its cursor), *waiting* (at the head; a seal or a second
 * ends it), *backing off* (an event failed; tried again after 1, 2, 4, 8 s, then parked, shown and passed over).
 * The cursor moves by compare-and-set, so two runtimes that react to one event cannot both land.
 */
export class Subscriptions {
  readonly #options: SubscriptionOptions;
  readonly #wakes = new Map<string, () => void>();

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Something was sealed: every waiting consumer looks. */
  wake(): void {
    for (const wake of this.#wakes.values()) wake();
  }

  /** Starts a consumer in its own scope. Throws KORA_CONSUMER_TAKEN when the name runs already. */
  async start(subscription: Subscription): Promise<Scope> {
    const { consumer } = subscription;
    if (this.#wakes.has(consumer))
      throw fault('KORA_CONSUMER_TAKEN', `subscription ${consumer} exists already`);
    this.#wakes.set(consumer, () => undefined);
    try {
      await this.#ensure(subscription);
    } catch (error) {
      this.#wakes.delete(consumer);
      throw error;
    }
    const scope = new Scope(`subscription ${consumer}`);
    scope.run(
      'read',
      (signal) => this.#run(subscription, signal),
      (error) => this.#options.onError(consumer, error),
    );
    scope.add('name', () => {
      this.#wakes.delete(consumer);
    });
    return scope;
  }

  /** Every consumer the workspace has known, running here or not. */
  async list(): Promise<ConsumerState[]> {
    const { database, workspaceId } = this.#options;
    return database.query<ConsumerState>(
      `select consumer, types, cursor, greatest(0, coalesce(h.seq, 0) - cursor) as lag, last_error as "lastError",
         (select count(*)::int from kora.parked_event p
          where p.workspace_id = s.workspace_id and p.consumer = s.consumer) as parked
       from kora.subscription s left join kora.chain_head h using (workspace_id)
       where workspace_id = $1 order by consumer`,
      [workspaceId],
    );
  }

  async #ensure({ consumer, types, from }: Subscription): Promise<void> {
    const { database, workspaceId } = this.#options;
    const start =
      from === 'now' ? `coalesce((select seq from kora.chain_head where workspace_id = $1), 0)` : '0';
    await database.query(
      `insert into kora.subscription (workspace_id, consumer, types, cursor) values ($1, $2, $3, ${start})
       on conflict (workspace_id, consumer) do update set types = excluded.types`,
      [workspaceId, consumer, types],
    );
  }

  async #run(subscription: Subscription, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const woken = new AbortController();
      // Registered before the look, so that a seal between look and wait is not missed.
      this.#wakes.set(subscription.consumer, () => woken.abort());
      const waitMs = await this.#pass(subscription, signal).catch((error: unknown) => {
        this.#options.onError(subscription.consumer, error);
        return idleLookMs;
      });
      if (waitMs > 0) await this.#options.clock.sleep(waitMs, AbortSignal.any([signal, woken.signal]));
    }
  }

  /** Reads one batch; answers how long to wait before the next look. */
  async #pass(subscription: Subscription, signal: AbortSignal): Promise<number> {
    const { database, workspaceId } = this.#options;
    const [state] = await database.query<CursorRow & { head: number; retryMs: number }>(
      `select cursor, attempts, coalesce(h.seq, 0) as head,
         greatest(0, extract(epoch from retry_at - clock_timestamp()) * 1000)::float8 as "retryMs"
       from kora.subscription s left join kora.chain_head h using (workspace_id)
       where workspace_id = $1 and consumer = $2`,
      [workspaceId, subscription.consumer],
    );
    if (state === undefined || state.cursor >= state.head) return idleLookMs;
    if (state.retryMs > 0) return state.retryMs;
    const { types } = subscription;
    const query = { after: state.cursor, upTo: state.head, types, limit: batchEvents };
    const events = await readMatching(database, workspaceId, query);
    let at: CursorRow = state;
    for (const event of events) {
      if (signal.aborted || !(await this.#react(subscription, event, at))) return 0;
      at = { cursor: event.seq, attempts: 0 };
    }
    // Nothing else matches up to the head that was read: skip over it.
    if (events.length < batchEvents) await this.#move(subscription.consumer, at.cursor, state.head);
    return 0;
  }

  /** One event and its cursor. False when it failed or another runtime was first: the caller looks again. */
  async #react(subscription: Subscription, event: ChainEvent, at: CursorRow): Promise<boolean> {
    const { database } = this.#options;
    try {
      const reaction = await subscription.react(event);
      return await database.transaction(async (tx) => {
        const moved = await this.#move(subscription.consumer, at.cursor, event.seq, tx);
        if (moved) await reaction?.(tx);
        return moved;
      });
    } catch (error) {
      await this.#failed(subscription.consumer, event, at, error);
      return false;
    }
  }

  async #move(consumer: string, from: number, to: number, tx?: Transaction): Promise<boolean> {
    const moved = await (tx ?? this.#options.database).query(
      `update kora.subscription
       set cursor = $4, attempts = 0, last_error = null, retry_at = null, moved_at = clock_timestamp()
       where workspace_id = $1 and consumer = $2 and cursor = $3 returning cursor`,
      [this.#options.workspaceId, consumer, from, to],
    );
    return moved.length === 1;
  }

  async #failed(consumer: string, event: ChainEvent, at: CursorRow, error: unknown): Promise<void> {
    const { database, workspaceId, onError } = this.#options;
    // A store that is away says nothing about the event: it is not counted, and the caller waits.
    if (isStoreAway(error)) throw error;
    onError(consumer, error);
    const attempts = at.attempts + 1;
    const why = storableText(messageOf(error));
    if (attempts >= maxTries) return this.#park(consumer, event, at, why);
    await database.query(
      `update kora.subscription set attempts = $4, last_error = $5,
         retry_at = clock_timestamp() + make_interval(secs => $6)
       where workspace_id = $1 and consumer = $2 and cursor = $3`,
      [workspaceId, consumer, at.cursor, attempts, why, (firstRetryMs * 2 ** at.attempts) / 1_000],
    );
  }

  async #park(consumer: string, event: ChainEvent, at: CursorRow, error: string): Promise<void> {
    const { database, workspaceId, stage } = this.#options;
    await database.transaction(async (tx) => {
      if (!(await this.#move(consumer, at.cursor, event.seq, tx))) return;
      await tx.query(
        `insert into kora.parked_event (workspace_id, consumer, seq, error, attempts) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [workspaceId, consumer, event.seq, error, maxTries],
      );
      await stage(tx, [draft(eventParked, { consumer, seq: event.seq, error, attempts: maxTries })]);
    });
  }
}
