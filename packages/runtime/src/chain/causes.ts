import type { Queryable } from '../store/index.ts';
import type { ChainEvent } from './contract.ts';
import { eventColumns, toEvent } from './read.ts';
import type { EventRow } from './read.ts';

/**
 * What joins an event to the one it came of: `causation` is recorded with it; without one it follows from what happened
 * to its `ticket` before, or else from what began its story, the first event of its `correlation`.
 */
export type CauseLink = 'causation' | 'ticket' | 'correlation';

export interface CauseStep {
  readonly event: ChainEvent;
  /** Which link leads from here to the step before; null where there is none. */
  readonly by: CauseLink | null;
}

export interface Causes {
  /** From the first cause to the event that was asked for. */
  readonly steps: readonly CauseStep[];
  /**
   * Why the walk ended: at an event that names no cause, at a cause that is not on the chain, or because there was no end
   * in sight.
   */
  readonly ended: 'first' | 'missing' | 'too_long';
  /** The cause that was named and is not there. */
  readonly missing: { readonly eventId: string; readonly pruned: boolean } | null;
  /** What followed from the event directly, oldest first. */
  readonly followed: readonly CauseStep[];
  /** More followed than is told. */
  readonly more: boolean;
}

const longestWalk = 100;
const mostFollowed = 50;

/** Walks from an event back to its first cause, and one step on to what followed; undefined when it is not there. */
export async function readCauses(
  db: Queryable,
  workspaceId: number,
  seq: number,
): Promise<Causes | undefined> {
  const [asked] = await find(db, `workspace_id = $1 and seq = $2`, [workspaceId, seq]);
  if (asked === undefined) return undefined;
  const back = await walk(db, workspaceId, asked);
  const followed = await followers(db, workspaceId, asked);
  return {
    ...back,
    followed: followed.slice(0, mostFollowed),
    more: followed.length > mostFollowed,
  };
}

type Walk = Pick<Causes, 'steps' | 'ended' | 'missing'>;

async function walk(db: Queryable, workspaceId: number, asked: ChainEvent): Promise<Walk> {
  const steps: CauseStep[] = [];
  const seen = new Set<number>();
  let event = asked;
  for (;;) {
    seen.add(event.seq);
    const cause = await causeOf(db, workspaceId, event);
    // A plugin may name any event as a cause: also one that names this one.
    const parent = cause.event !== undefined && !seen.has(cause.event.seq) ? cause.event : undefined;
    steps.unshift({ event, by: parent === undefined ? null : cause.by });
    if (parent === undefined)
      return cause.missing === undefined
        ? { steps, ended: 'first', missing: null }
        : { steps, ended: 'missing', missing: cause.missing };
    if (steps.length >= longestWalk) return { steps, ended: 'too_long', missing: null };
    event = parent;
  }
}

interface Cause {
  readonly event?: ChainEvent | undefined;
  readonly by: CauseLink | null;
  readonly missing?: { readonly eventId: string; readonly pruned: boolean };
}

async function causeOf(db: Queryable, workspaceId: number, event: ChainEvent): Promise<Cause> {
  const { causationId, ticketId, correlationId, seq } = event;
  if (causationId !== null) {
    const cause = await findById(db, workspaceId, causationId, seq);
    if (cause !== undefined) return { event: cause, by: 'causation' };
    const missing = { eventId: causationId, pruned: await isPruned(db, workspaceId) };
    return { by: null, missing };
  }
  if (ticketId !== null) {
    const rows = await find(
      db,
      `workspace_id = $1 and ticket_id = $2 and seq < $3 order by seq desc limit 1`,
      [workspaceId, ticketId, seq],
    );
    if (rows.length > 0) return { event: rows[0], by: 'ticket' };
  }
  if (correlationId !== null) {
    const rows = await find(
      db,
      `workspace_id = $1 and correlation_id = $2 and seq < $3 order by seq limit 1`,
      [workspaceId, correlationId, seq],
    );
    if (rows.length > 0) return { event: rows[0], by: 'correlation' };
  }
  return { by: null };
}

/** A cause mostly lies a few events back; only one that does not is looked for in the whole log. */
const nearby = 10_000;

async function findById(
  db: Queryable,
  workspaceId: number,
  eventId: string,
  before: number,
): Promise<ChainEvent | undefined> {
  const [near] = await find(
    db,
    // Also a little later: what was appended at once may overtake what was staged before it.
    `workspace_id = $1 and seq between $3 - ${nearby} and $3 + ${nearby} and event_id = $2`,
    [workspaceId, eventId, before],
  );
  if (near !== undefined) return near;
  const [far] = await find(db, `workspace_id = $1 and event_id = $2`, [workspaceId, eventId]);
  return far;
}

async function isPruned(db: Queryable, workspaceId: number): Promise<boolean> {
  const [first] = await db.query<{ seq: number }>(
    'select seq from kora.event where workspace_id = $1 order by seq limit 1',
    [workspaceId],
  );
  return (first?.seq ?? 1) > 1;
}

/** The other way round: what names it, and what `causeOf` would lead back here. */
async function followers(db: Queryable, workspaceId: number, event: ChainEvent): Promise<CauseStep[]> {
  const { eventId, ticketId, correlationId, seq } = event;
  const named = await find(
    db,
    `workspace_id = $1 and causation_id = $2 order by seq limit ${mostFollowed + 1}`,
    [workspaceId, eventId],
  );
  const steps = named.map((follower): CauseStep => ({ event: follower, by: 'causation' }));
  if (ticketId !== null) {
    const [next] = await find(db, `workspace_id = $1 and ticket_id = $2 and seq > $3 order by seq limit 1`, [
      workspaceId,
      ticketId,
      seq,
    ]);
    if (next !== undefined && next.causationId === null) steps.push({ event: next, by: 'ticket' });
  }
  if (correlationId !== null && (await beginsStory(db, workspaceId, correlationId, seq))) {
    const rest = await find(
      db,
      `workspace_id = $1 and correlation_id = $2 and seq > $3 and causation_id is null
         and not exists (select from kora.event t where t.workspace_id = $1 and t.ticket_id = e.ticket_id and t.seq < e.seq)
       order by seq limit ${mostFollowed + 1}`,
      [workspaceId, correlationId, seq],
    );
    steps.push(...rest.map((follower): CauseStep => ({ event: follower, by: 'correlation' })));
  }
  return steps.toSorted((a, b) => a.event.seq - b.event.seq);
}

async function beginsStory(
  db: Queryable,
  workspaceId: number,
  correlationId: string,
  seq: number,
): Promise<boolean> {
  const earlier = await db.query(
    'select seq from kora.event where workspace_id = $1 and correlation_id = $2 and seq < $3 limit 1',
    [workspaceId, correlationId, seq],
  );
  return earlier.length === 0;
}

/** The rows first, their bodies after. */
async function find(db: Queryable, where: string, values: readonly unknown[]): Promise<ChainEvent[]> {
  const rows = await db.query<EventRow>(
    `select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
     from (select * from kora.event e where ${where}) e left join kora.event_body b using (workspace_id, seq)
     order by e.seq`,
    [...values],
  );
  return rows.map(toEvent);
}
