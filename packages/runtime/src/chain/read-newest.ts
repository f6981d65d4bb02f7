import type { Queryable } from '../store/index.ts';
import type { ChainEvent } from './contract.ts';
import { eventColumns, toEvent } from './read.ts';
import type { EventRow } from './read.ts';

export interface NewestQuery {
  /** Exact names of types. */
  readonly types: readonly string[];
  /** Only events before this sequence. */
  readonly before?: number | undefined;
  /** Only events since then, ISO 8601. */
  readonly since?: string | undefined;
  readonly limit: number;
}

/**
 * The newest events of a few types, newest first: of each type its own newest, so that a rare type in a long chain costs no
 * more than a common one. A type is said as a range of one, in the order of the index: the planner would read an equal one
 * in the order of the key, and go through the whole chain for a type that it does not have.
 */
export async function readNewest(
  db: Queryable,
  workspaceId: number,
  { types, before, since, limit }: NewestQuery,
): Promise<ChainEvent[]> {
  const rows = await db.query<EventRow>(
    `select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
     from (select e.* from unnest($2::text[]) as wanted(name) cross join lateral (
         select * from kora.event x where x.workspace_id = $1 and x.type ~>=~ wanted.name and x.type ~<=~ wanted.name
           and x.seq < $3
         order by x.type using ~>~, x.seq desc limit $4) e
       where $5::timestamptz is null or e.occurred_at >= $5 order by e.seq desc limit $4) e
     left join kora.event_body b using (workspace_id, seq) order by e.seq desc`,
    [workspaceId, types, before ?? Number.MAX_SAFE_INTEGER, limit, since ?? null],
  );
  return rows.map(toEvent);
}

/** Events of these types that belong to these stories, oldest first. */
export async function readCorrelated(
  db: Queryable,
  workspaceId: number,
  query: {
    readonly correlationIds: readonly string[];
    readonly types: readonly string[];
    readonly limit: number;
  },
): Promise<ChainEvent[]> {
  const rows = await db.query<EventRow>(
    `select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
     from (select * from kora.event x where x.workspace_id = $1 and x.correlation_id = any($2) and x.type = any($3)
       order by x.seq limit $4) e
     left join kora.event_body b using (workspace_id, seq) order by e.seq`,
    [workspaceId, query.correlationIds, query.types, query.limit],
  );
  return rows.map(toEvent);
}

/** Events of these types that name this event as their cause, oldest first. */
export async function readCaused(
  db: Queryable,
  workspaceId: number,
  query: { readonly eventId: string; readonly types: readonly string[]; readonly limit: number },
): Promise<ChainEvent[]> {
  const rows = await db.query<EventRow>(
    `select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
     from (select * from kora.event x where x.workspace_id = $1 and x.causation_id = $2 and x.type = any($3)
       order by x.seq desc limit $4) e
     left join kora.event_body b using (workspace_id, seq) order by e.seq`,
    [workspaceId, query.eventId, query.types, query.limit],
  );
  return rows.map(toEvent);
}
