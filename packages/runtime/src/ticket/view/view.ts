import type { Queryable } from '../../store/index.ts';
import { ticketPriorities } from '../contract.ts';
import type { TicketPriority, TicketStatus } from '../contract.ts';

export type Bucket = 'queued' | 'in_progress' | 'deferred' | 'failed_or_blocked' | 'recently_resolved';

/** A ticket as people see it. Times are the store's; null means that it has not happened. */
export interface TicketView {
  readonly ticketId: number;
  readonly kind: string;
  readonly title: string;
  readonly objective: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly priority: TicketPriority;
  readonly critical: boolean;
  readonly status: TicketStatus;
  readonly bucket: Bucket;
  readonly statusReason: string | null;
  readonly fence: number;
  readonly attempts: number;
  readonly failures: number;
  readonly origin: string;
  readonly trusted: boolean;
  readonly idempotencyKey: string | null;
  readonly correlationId: string | null;
  readonly createdAt: string;
  readonly claimedAt: string | null;
  readonly nextEligibleAt: string | null;
  readonly resolvedAt: string | null;
  readonly summary: string | null;
  readonly result: Readonly<Record<string, unknown>> | null;
}

export interface OutcomeView {
  readonly fence: number;
  readonly resolution: string;
  readonly summary: string;
  readonly at: string;
  readonly runtimeId: string;
}

interface Row
  extends Omit<
    TicketView,
    'priority' | 'bucket' | 'createdAt' | 'claimedAt' | 'nextEligibleAt' | 'resolvedAt'
  > {
  readonly priority: number;
  readonly createdAt: Date;
  readonly claimedAt: Date | null;
  readonly nextEligibleAt: Date | null;
  readonly resolvedAt: Date | null;
}

/** The newest outcome is the status only of a ticket that has no row among ready, lease and parked. */
const select = `
  select t.ticket_id as "ticketId", t.kind, t.title, t.objective, t.payload, t.priority, t.critical, t.origin, t.trusted,
    t.idempotency_key as "idempotencyKey", t.correlation_id as "correlationId", t.created_at as "createdAt",
    coalesce(r.status, case when l.ticket_id is not null then 'claimed' end, p.status, o.resolution) as status,
    coalesce(r.reason, p.reason) as "statusReason",
    coalesce(r.fence, l.fence, p.fence, o.fence, 0) as fence,
    coalesce(r.attempts, l.attempts, p.attempts, o.attempts, 0) as attempts,
    coalesce(r.failures, l.failures, p.failures, o.failures, 0) as failures,
    coalesce(l.claimed_at, o.claimed_at) as "claimedAt", r.eligible_at as "nextEligibleAt",
    case when r.ticket_id is null and l.ticket_id is null and p.ticket_id is null then o.at end as "resolvedAt",
    o.summary, o.result
  from kora.ticket t
    left join kora.ticket_ready r using (workspace_id, ticket_id)
    left join kora.ticket_lease l using (workspace_id, ticket_id)
    left join kora.ticket_parked p using (workspace_id, ticket_id)
    left join lateral (select * from kora.ticket_outcome o where o.workspace_id = t.workspace_id
      and o.ticket_id = t.ticket_id order by o.fence desc limit 1) o on true
  where t.workspace_id = $1`;

/** The newest tickets, or those of one status. */
export async function listTickets(
  db: Queryable,
  workspaceId: number,
  query: { readonly status?: string | undefined; readonly limit?: number | undefined },
): Promise<TicketView[]> {
  const rows = await db.query<Row>(
    `select * from (${select}) as view where $2::text is null or status = $2 order by "ticketId" desc limit $3`,
    [workspaceId, query.status ?? null, Math.min(500, query.limit ?? 50)],
  );
  return rows.map(view);
}

export async function findTicket(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<TicketView | undefined> {
  const [row] = await db.query<Row>(`${select} and t.ticket_id = $2`, [workspaceId, ticketId]);
  return row === undefined ? undefined : view(row);
}

/** Every attempt that ended, oldest first. */
export async function listOutcomes(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<OutcomeView[]> {
  const rows = await db.query<Omit<OutcomeView, 'at'> & { at: Date }>(
    `select fence, resolution, summary, at, runtime_id as "runtimeId" from kora.ticket_outcome
     where workspace_id = $1 and ticket_id = $2 order by fence`,
    [workspaceId, ticketId],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

const openPerBucket = 200;
const recentlyResolved = 20;

/** The operator's board. `recently_resolved` is a view beside the sum of the others. */
export async function readBuckets(db: Queryable, workspaceId: number): Promise<Record<Bucket, TicketView[]>> {
  const pick = async (where: string, order: string, limit: number): Promise<TicketView[]> =>
    (await db.query<Row>(`${select} and ${where} order by ${order} limit ${limit}`, [workspaceId])).map(view);
  const ended = 'r.ticket_id is null and l.ticket_id is null and p.ticket_id is null';
  const [queued, inProgress, deferred, failedOrBlocked, resolved] = await Promise.all([
    pick('r.ticket_id is not null', 'r.priority, r.eligible_at', openPerBucket),
    pick('l.ticket_id is not null', 'l.claimed_at', openPerBucket),
    pick(`p.status = 'deferred_cost_limit'`, 'p.since', openPerBucket),
    pick(
      `(p.status = 'blocked_needs_operator' or (${ended} and o.resolution = 'failed_terminal'
        and o.at > clock_timestamp() - interval '7 days'))`,
      'coalesce(p.since, o.at) desc',
      openPerBucket,
    ),
    pick(`${ended} and o.resolution in ('completed', 'cancelled')`, 'o.at desc', recentlyResolved),
  ]);
  return {
    queued,
    in_progress: inProgress,
    deferred,
    failed_or_blocked: failedOrBlocked,
    recently_resolved: resolved,
  };
}

/** Exact counts of the buckets that add up; from the small tables, never from the tickets. */
export async function countBuckets(
  db: Queryable,
  workspaceId: number,
): Promise<Record<Exclude<Bucket, 'recently_resolved'>, number>> {
  const [row] = await db.query<Record<Exclude<Bucket, 'recently_resolved'>, number>>(
    `select (select count(*) from kora.ticket_ready where workspace_id = $1) as queued,
       (select count(*) from kora.ticket_lease where workspace_id = $1) as in_progress,
       (select count(*) from kora.ticket_parked where workspace_id = $1 and status = 'deferred_cost_limit') as deferred,
       (select count(*) from kora.ticket_parked where workspace_id = $1 and status = 'blocked_needs_operator')
         + (select count(*) from kora.ticket_outcome o where workspace_id = $1 and resolution = 'failed_terminal'
            and at > clock_timestamp() - interval '7 days'
            and not exists (select from kora.ticket_outcome later where later.workspace_id = $1
              and later.ticket_id = o.ticket_id and later.fence > o.fence)
            and not exists (select from kora.ticket_ready r where r.workspace_id = $1 and r.ticket_id = o.ticket_id)
            and not exists (select from kora.ticket_lease l where l.workspace_id = $1 and l.ticket_id = o.ticket_id))
         as failed_or_blocked`,
    [workspaceId],
  );
  return row ?? { queued: 0, in_progress: 0, deferred: 0, failed_or_blocked: 0 };
}

function view(row: Row): TicketView {
  return {
    ...row,
    priority: ticketPriorities[row.priority] ?? 'normal',
    bucket: bucketOf(row.status),
    createdAt: row.createdAt.toISOString(),
    claimedAt: row.claimedAt?.toISOString() ?? null,
    nextEligibleAt: row.nextEligibleAt?.toISOString() ?? null,
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  };
}

/** DOMAIN §6's table, from status to bucket. */
export function bucketOf(status: TicketStatus): Bucket {
  switch (status) {
    case 'assigned':
    case 'waiting':
    case 'released':
    case 'failed_retryable':
      return 'queued';
    case 'claimed':
    case 'in_progress':
      return 'in_progress';
    case 'deferred_cost_limit':
      return 'deferred';
    case 'blocked_needs_operator':
    case 'failed_terminal':
      return 'failed_or_blocked';
    case 'completed':
    case 'cancelled':
      return 'recently_resolved';
  }
}

/** Which tickets carry these idempotency keys. */
export async function ticketsByKey(
  db: Queryable,
  workspaceId: number,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ key: string; ticketId: number }>(
    `select idempotency_key as key, ticket_id as "ticketId" from kora.ticket_key
     where workspace_id = $1 and idempotency_key = any($2)`,
    [workspaceId, keys],
  );
  return new Map(rows.map(({ key, ticketId }) => [key, ticketId]));
}
