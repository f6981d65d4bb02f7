import { fault } from '../../fault/index.ts';
import type { Database, Queryable, Transaction } from '../../store/index.ts';
import type { EventDraft } from '../contract.ts';
import { eventSkipped, replayRequested } from '../events.ts';
import { eventColumns, toEvent } from '../read.ts';
import type { EventRow } from '../read.ts';
import { draft } from '../vocabulary.ts';
import type { ParkedEvent } from './contract.ts';
import type { Source } from './page.ts';

/** Where the parked events are, and how something is said of them. */
export interface ParkedStore extends Source {
  readonly database: Database;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

/** Which of them: one by its sequence, or all of the consumer; who asks, and why. */
export interface ParkedChoice {
  readonly consumer: string;
  readonly seq?: number | undefined;
  readonly reason?: string | undefined;
  readonly actorId?: string | undefined;
}

type ParkedRow = Omit<ParkedEvent, 'event'> & { readonly [key in keyof EventRow]: EventRow[key] | null } & {
  readonly parkedSeq: number;
};

/** What waits for people, oldest first, each with its event and the error; of one consumer, or of all. */
export async function listParked(
  source: Source,
  query: { readonly consumer?: string | undefined; readonly replayOnly?: boolean; readonly limit?: number },
): Promise<ParkedEvent[]> {
  const rows = await source.database.query<ParkedRow>(
    `select p.consumer, p.seq as "parkedSeq", p.error, p.attempts, p.parked_at as "parkedAt",
       p.replay_requested_at as "replayRequestedAt", ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
     from kora.parked_event p
       left join kora.event e on e.workspace_id = p.workspace_id and e.seq = p.seq
       left join kora.event_body b on b.workspace_id = p.workspace_id and b.seq = p.seq
     where p.workspace_id = $1 and ($2::text is null or p.consumer = $2)
       and (not $3 or p.replay_requested_at is not null)
     order by p.consumer, p.seq limit $4`,
    [source.workspaceId, query.consumer ?? null, query.replayOnly ?? false, query.limit ?? 1_000],
  );
  return rows.map((row) => toParked(row, source));
}

function toParked(row: ParkedRow, { current }: Source): ParkedEvent {
  const { consumer, parkedSeq, error, attempts, parkedAt, replayRequestedAt, ...event } = row;
  return {
    consumer,
    seq: parkedSeq,
    error,
    attempts,
    parkedAt,
    replayRequestedAt,
    event: event.eventId === null ? null : current(toEvent(event as EventRow)),
  };
}

/**
 * Writes the wish down where the runtime that runs the consumer finds it; one with a reason is an event too. Throws
 * KORA_PARKED_UNKNOWN.
 */
export function requestReplay(store: ParkedStore, wish: ParkedChoice): Promise<number> {
  const { consumer, seq, reason, actorId } = wish;
  return store.database.transaction(async (tx) => {
    const requested = await tx.query(
      `update kora.parked_event set replay_requested_at = coalesce(replay_requested_at, clock_timestamp())
       where workspace_id = $1 and consumer = $2 and ($3::bigint is null or seq = $3) returning seq`,
      [store.workspaceId, consumer, seq ?? null],
    );
    if (requested.length === 0) throw unknown(wish);
    if (reason !== undefined) {
      const payload = { consumer, seq: seq ?? null, events: requested.length, reason };
      await store.stage(tx, [draft(replayRequested, payload, actorId === undefined ? {} : { actorId })]);
    }
    return requested.length;
  });
}

/** Lets a consumer never see an event that it parked, and says so on the chain. Throws KORA_PARKED_UNKNOWN. */
export async function skipParked(
  store: ParkedStore,
  choice: ParkedChoice & { readonly seq: number; readonly reason: string },
): Promise<void> {
  const { consumer, seq, reason, actorId } = choice;
  await store.database.transaction(async (tx) => {
    if (!(await takeParked(tx, { ...store, consumer, seq }))) throw unknown(choice);
    const by = actorId === undefined ? {} : { actorId };
    await store.stage(tx, [draft(eventSkipped, { consumer, seq, reason }, by)]);
  });
}

/** Removes it; false when it is not there, because somebody else was first. */
export async function takeParked(
  tx: Queryable,
  { workspaceId, consumer, seq }: { workspaceId: number; consumer: string; seq: number },
): Promise<boolean> {
  const taken = await tx.query(
    'delete from kora.parked_event where workspace_id = $1 and consumer = $2 and seq = $3 returning seq',
    [workspaceId, consumer, seq],
  );
  return taken.length === 1;
}

function unknown({ consumer, seq }: ParkedChoice): Error {
  const what = seq === undefined ? 'no event' : `no event ${seq}`;
  return fault('KORA_PARKED_UNKNOWN', `consumer ${consumer} has parked ${what}`, {
    fix: 'kora event consumers',
  });
}
