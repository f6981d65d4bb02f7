import type { Queryable } from '../store/index.ts';
import type { ChainEvent } from './contract.ts';
import { eventColumns, toEvent } from './read.ts';
import type { EventRow } from './read.ts';

/** A page of what happened in a window. */
export interface PastQuery {
  /** Exactly these. */
  readonly types: readonly string[];
  /** ISO 8601; the first is in, the last is out. */
  readonly since: string;
  readonly until: string;
  /** The number that the page before ended with. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** By how much the clocks of two runtimes may differ, so that what is sealed earlier happened later. */
const slack = `interval '10 minutes'`;

/** Events of these types that happened in the window, in the order of the log: each type by its own range of an index. */
export async function readPast(
  db: Queryable,
  workspaceId: number,
  { types, since, until, after, limit }: PastQuery,
): Promise<ChainEvent[]> {
  const from = after ?? (await lastBefore(db, workspaceId, since));
  const rows = await db.query<EventRow>(
    `select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body from (
       select e.* from unnest($2::text[]) as wanted (of_type) cross join lateral (
         select * from kora.event
         where workspace_id = $1 and type = of_type and seq > $3 and occurred_at >= $4::timestamptz
           and occurred_at < $5::timestamptz
         order by seq limit $6) e
       order by e.seq limit $6) e
     left join kora.event_body b using (workspace_id, seq) order by seq`,
    [workspaceId, [...new Set(types)], from, since, until, limit],
  );
  return rows.map(toEvent);
}

/**
 * A number behind which everything since a time is found: halved to, since numbers follow time but for clocks that differ.
 * What waited for a store that was away is sealed late, and so behind it too.
 */
async function lastBefore(db: Queryable, workspaceId: number, since: string): Promise<number> {
  const [edges] = await db.query<{ first: number | null; last: number | null }>(
    `select (select seq from kora.event where workspace_id = $1 order by seq limit 1) as first,
       (select seq from kora.chain_head where workspace_id = $1) as last`,
    [workspaceId],
  );
  let before = (edges?.first ?? 1) - 1;
  let beyond = (edges?.last ?? 0) + 1;
  while (beyond - before > 1) {
    const middle = Math.floor((before + beyond) / 2);
    const [row] = await db.query<{ isBefore: boolean }>(
      `select occurred_at < $3::timestamptz - ${slack} as "isBefore" from kora.event
       where workspace_id = $1 and seq >= $2 order by seq limit 1`,
      [workspaceId, middle, since],
    );
    if (row?.isBefore === true) before = middle;
    else beyond = middle;
  }
  return before;
}
