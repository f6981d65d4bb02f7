import type { Queryable } from '../../store/index.ts';
import { ended, newest, ticketColumns, ticketJoins, ticketView } from './view.ts';
import type { Bucket, TicketRecord, TicketView } from './view.ts';

const openPerBucket = 200;
const recentlyResolved = 20;

/** Exact, from what is open and the failures of a week, never from the tickets. The first four add up to the last two. */
export interface BoardCounts {
  readonly queued: number;
  readonly in_progress: number;
  readonly deferred: number;
  readonly failed_or_blocked: number;
  /** Tickets that are not at their end. */
  readonly open: number;
  readonly failed_last_7_days: number;
}

export interface Board extends Readonly<Record<Bucket, TicketView[]>> {
  readonly counts: BoardCounts;
}

/** Tickets that ended as failed within the week and are at their end: through the index of such outcomes. */
export const failedOfWeek = `kora.ticket_outcome o where workspace_id = $1 and resolution = 'failed_terminal'
  and at > clock_timestamp() - interval '7 days' and ${newest} and ${ended}`;

const counts = `
  select ready + waiting as queued, leased as in_progress, deferred, blocked + failed as failed_or_blocked,
    ready + leased + waiting + deferred + blocked as open, failed as failed_last_7_days
  from (select (select count(*) from kora.ticket_ready where workspace_id = $1) as ready,
      (select count(*) from kora.ticket_lease where workspace_id = $1) as leased,
      (select count(*) from ${failedOfWeek}) as failed) c,
    (select count(*) filter (where status = 'waiting') as waiting,
       count(*) filter (where status = 'deferred_cost_limit') as deferred,
       count(*) filter (where status = 'blocked_needs_operator') as blocked
     from kora.ticket_parked where workspace_id = $1) parked`;

/**
 * What may be claimed, first come first: the head of each stretch of the claim order, found by stepping from one to the
 * next, and of these the first. Sorting all that is ready would cost what the queue is long.
 */
const ready = `
  with recursive stretch as (
    (select assigned_to, kind, priority from kora.ticket_ready where workspace_id = $1
     order by assigned_to, kind, priority limit 1)
    union all
    select following.* from stretch s cross join lateral (
      select assigned_to, kind, priority from kora.ticket_ready
      where workspace_id = $1 and (assigned_to, kind, priority) > (s.assigned_to, s.kind, s.priority)
      order by assigned_to, kind, priority limit 1) following)
  select head.* from stretch s cross join lateral (
    select ticket_id, priority, eligible_at from kora.ticket_ready
    where workspace_id = $1 and assigned_to = s.assigned_to and kind = s.kind and priority = s.priority
    order by eligible_at, ticket_id limit ${openPerBucket}) head
  order by priority, eligible_at, ticket_id limit ${openPerBucket}`;

const parked = (status: string, order: string): string =>
  `(select ticket_id, since as at from kora.ticket_parked where workspace_id = $1 and status = '${status}'
    order by since ${order}, ticket_id limit ${openPerBucket})`;

const lanes: Readonly<Record<Bucket, string>> = {
  queued: `select ticket_id, row_number() over (order by is_waiting, place) as place from (
      select ticket_id, false as is_waiting, row_number() over (order by priority, eligible_at, ticket_id) as place
      from (${ready}) claimable
      union all
      select ticket_id, true, row_number() over (order by at, ticket_id) from ${parked('waiting', 'asc')} held) waits
    order by 2 limit ${openPerBucket}`,
  in_progress: `select ticket_id, row_number() over (order by claimed_at, ticket_id) as place
    from kora.ticket_lease where workspace_id = $1 order by 2 limit ${openPerBucket}`,
  deferred: `select ticket_id, row_number() over (order by at, ticket_id) as place
    from ${parked('deferred_cost_limit', 'asc')} put_off`,
  failed_or_blocked: `select ticket_id, row_number() over (order by at desc, ticket_id) as place from (
      select * from ${parked('blocked_needs_operator', 'desc')} blocked
      union all
      select * from (select ticket_id, at from ${failedOfWeek} order by at desc limit ${openPerBucket}) failures) stuck
    order by 2 limit ${openPerBucket}`,
  // One that was given back or will be tried again is shown by its last attempt while it stands in its lane.
  recently_resolved: `select ticket_id, row_number() over (order by at desc, ticket_id) as place from (
      select ticket_id, at from kora.ticket_outcome o where workspace_id = $1 and ${newest}
        and (resolution in ('released', 'failed_retryable') or (resolution in ('completed', 'cancelled') and ${ended}))
      order by at desc limit ${recentlyResolved}) last`,
};

/** One statement, so that lanes and counts are of one moment. */
const boardStatement = `
  with counts as materialized (${counts}),
  page as materialized (
    ${Object.entries(lanes)
      .map(([lane, page]) => `select '${lane}' as lane, lane.* from (${page}) lane`)
      .join(' union all ')})
  select to_jsonb(counts) as counts, shown.* from counts left join lateral (
    select page.lane, page.place, ${ticketColumns} from page ${ticketJoins}) shown on true
  order by shown.lane, shown.place`;

type BoardRow =
  | (TicketRecord & { readonly lane: Bucket; readonly place: number; readonly counts: BoardCounts })
  | { readonly lane: null; readonly counts: BoardCounts };

/** The operator's board. `recently_resolved` is a view beside the sum of the others. */
export async function readBoard(db: Queryable, workspaceId: number): Promise<Board> {
  const rows = await db.query<BoardRow>(boardStatement, [workspaceId], { name: 'ticket_board' });
  const board: Record<Bucket, TicketView[]> = {
    queued: [],
    in_progress: [],
    deferred: [],
    failed_or_blocked: [],
    recently_resolved: [],
  };
  for (const row of rows) {
    if (row.lane === null) continue;
    const { lane, place: _, counts: __, ...ticket } = row;
    board[lane].push(ticketView(ticket));
  }
  return { ...board, counts: rows[0]?.counts ?? none };
}

const none: BoardCounts = {
  queued: 0,
  in_progress: 0,
  deferred: 0,
  failed_or_blocked: 0,
  open: 0,
  failed_last_7_days: 0,
};

/** The counts alone, for whoever asks how much there is. */
export async function countBuckets(db: Queryable, workspaceId: number): Promise<BoardCounts> {
  const [row] = await db.query<BoardCounts>(counts, [workspaceId]);
  return row ?? none;
}
