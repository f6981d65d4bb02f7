import type { Queryable } from '../../store/index.ts';
import { failedOfWeek } from './board.ts';
import { ended, newest, ticketColumns, ticketJoins, ticketView } from './view.ts';
import type { Bucket, TicketRecord, TicketView } from './view.ts';

export type LaneOrder = 'age' | 'cost' | 'priority';

export interface LaneQuery {
  readonly lane: Bucket;
  /** `age`: as the board has them, which is oldest first, and newest first where work is over. */
  readonly sort: LaneOrder;
  readonly limit: number;
  /** The place of the last ticket that is known: what comes behind it. Undefined: from the beginning. */
  readonly after: LanePlace | undefined;
  /** Part of a title, or a ticket's number. */
  readonly text: string | undefined;
}

export interface LanePage {
  readonly tickets: readonly LaneTicket[];
  /** How many fit; null where there are more than are counted. */
  readonly total: number | null;
  /** Where the next page begins; null when there is none. */
  readonly next: LanePlace | null;
}

/**
 * Where a ticket stands in an order, as decimal text: what is sorted by, since when, its number. A page begins behind a
 * place and not after a count, so that a ticket which leaves the lane meanwhile moves none into or out of sight.
 */
export type LanePlace = readonly [rank: string, at: string, ticketId: string];

export interface LaneTicket extends TicketView {
  /** What its calls were settled at; null when it never made one. */
  readonly costMicroUsd: number | null;
}

/** Further than this nobody counts, sorts or leafs. */
const mostOfLane = 20_000;
/** Attempts that ended this long ago are no longer among the recent. */
const recentDays = 7;

/** Who stands in a lane, since when, and how urgent: from where that status lies. */
const members: Readonly<Record<Bucket, string>> = {
  queued: `select ticket_id, eligible_at as at, priority from kora.ticket_ready where workspace_id = $1
    union all
    select p.ticket_id, p.since, p.priority from kora.ticket_parked p where p.workspace_id = $1 and status = 'waiting'`,
  in_progress: `select ticket_id, claimed_at as at, priority from kora.ticket_lease where workspace_id = $1`,
  deferred: `select ticket_id, since as at, priority from kora.ticket_parked
    where workspace_id = $1 and status = 'deferred_cost_limit'`,
  failed_or_blocked: `select ticket_id, since as at, priority from kora.ticket_parked
    where workspace_id = $1 and status = 'blocked_needs_operator'
    union all
    select ticket_id, at, null from ${failedOfWeek}`,
  recently_resolved: `select ticket_id, at, null::int as priority from kora.ticket_outcome o where workspace_id = $1
    and at > clock_timestamp() - interval '${recentDays} days' and ${newest}
    and (resolution in ('released', 'failed_retryable') or (resolution in ('completed', 'cancelled') and ${ended}))`,
};

const newestFirst: readonly Bucket[] = ['failed_or_blocked', 'recently_resolved'];

const spent = (ticket: string): string =>
  `(select sum(s.spent_change)::int8 from kora.spend_entry s
    where s.workspace_id = $1 and s.ticket_id = ${ticket} and s.kind = 'settle')`;

/** Behind every cost there is: a ticket without one. */
const noCost = 9e15;

/** Part of one lane, as far as the board shows no more. */
export async function readLane(db: Queryable, workspaceId: number, query: LaneQuery): Promise<LanePage> {
  const { lane, sort, limit, after, text } = query;
  const isNewestFirst = newestFirst.includes(lane);
  const age = `${isNewestFirst ? '-' : ''}extract(epoch from m.at)`;
  const ranks: Readonly<Record<LaneOrder, string>> = {
    age: `0::numeric as rank, ${age} as since`,
    cost: `coalesce(-${spent('m.ticket_id')}, ${noCost})::numeric as rank, 0::numeric as since`,
    priority: `coalesce(m.priority, t.priority)::numeric as rank, ${age} as since`,
  };
  const asked = text === undefined ? undefined : /^(?:#|SEA-)?(\d{1,15})$/i.exec(text.trim())?.[1];
  const wanted =
    text === undefined ? '' : `where t.title ilike $6${asked === undefined ? '' : ' or m.ticket_id = $7'}`;
  const needsTicket = text !== undefined || sort === 'priority';
  const ticket = needsTicket ? 'join kora.ticket t on t.workspace_id = $1 and t.ticket_id = m.ticket_id' : '';
  const rows = await db.query<LaneRecord>(
    `with members as materialized (select m.ticket_id, m.at, m.priority from (${members[lane]}) m
       order by m.at ${isNewestFirst ? 'desc' : 'asc'}, m.ticket_id limit ${mostOfLane + 1}),
     fitting as materialized (select m.ticket_id, ${ranks[sort]} from members m ${ticket} ${wanted}),
     page as materialized (select ticket_id, rank, since from fitting
       where $3::numeric is null or (rank, since, ticket_id) > ($3::numeric, $4::numeric, $5::bigint)
       order by rank, since, ticket_id limit $2)
     select array[page.rank::text, page.since::text, page.ticket_id::text] as place,
       (select count(*) from fitting) as total, ${spent('page.ticket_id')} as "costMicroUsd",
       ${ticketColumns} from page ${ticketJoins} order by page.rank, page.since, page.ticket_id`,
    [
      workspaceId,
      limit + 1,
      ...(after ?? [null, null, null]),
      ...(text === undefined ? [] : [`%${text.trim().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`]),
      ...(asked === undefined ? [] : [Number(asked)]),
    ],
  );
  const shown = rows.slice(0, limit);
  const tickets = shown.map(({ total: _total, place: _place, costMicroUsd, ...row }) => ({
    ...ticketView(row),
    costMicroUsd,
  }));
  const total = rows[0]?.total ?? (after === undefined ? 0 : null);
  return {
    tickets,
    total: total !== null && total > mostOfLane ? null : total,
    next: rows.length > limit ? (shown.at(-1)?.place ?? null) : null,
  };
}

interface LaneRecord extends TicketRecord {
  readonly total: number;
  readonly place: LanePlace;
  readonly costMicroUsd: number | null;
}
