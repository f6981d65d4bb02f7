import type { Queryable } from '../../store/index.ts';
import { ticketPriorities, ticketStatuses } from '../contract.ts';
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
  readonly downshift: 'eligible' | 'frontier_only';
  readonly assignedTo: string;
  readonly status: TicketStatus;
  readonly bucket: Bucket;
  readonly statusReason: string | null;
  readonly fence: number;
  /** Claims ever made, over all epochs. */
  readonly claims: number;
  readonly attempts: number;
  readonly failures: number;
  readonly failureCountByReason: Readonly<Record<string, number>>;
  readonly modelTier: string | null;
  readonly origin: string;
  readonly trusted: boolean;
  readonly idempotencyKey: string | null;
  readonly correlationId: string | null;
  readonly createdAt: string;
  readonly assignedAt: string;
  readonly claimedAt: string | null;
  readonly deferredAt: string | null;
  readonly nextEligibleAt: string | null;
  readonly deadline: string | null;
  readonly progress: Readonly<Record<string, unknown>> | null;
  readonly progressAt: string | null;
  readonly resolvedAt: string | null;
  /** How its last attempt ended, and when; null before the first has. */
  readonly resolution: string | null;
  readonly lastEndedAt: string | null;
  readonly summary: string | null;
  readonly result: Readonly<Record<string, unknown>> | null;
}

const times = [
  'claimedAt',
  'deferredAt',
  'nextEligibleAt',
  'deadline',
  'progressAt',
  'resolvedAt',
  'lastEndedAt',
] as const;
type Times = (typeof times)[number];

/** A ticket as the statements here read it. */
export interface TicketRecord
  extends Omit<TicketView, 'priority' | 'bucket' | 'createdAt' | 'assignedAt' | Times> {
  readonly priority: number;
  readonly createdAt: Date;
  readonly assignedAt: Date;
  readonly times: readonly (Date | null)[];
}

/** An `offset` keeps the server from turning a look by key into a join over all that has ended. */
const none = (place: string, and = ''): string =>
  `not exists (select from kora.${place} x where x.workspace_id = $1 and x.ticket_id = o.ticket_id ${and} offset 0)`;
/** Nothing holds it open: its newest outcome is its end. */
export const ended = `${none('ticket_ready')} and ${none('ticket_lease')} and ${none('ticket_parked')}`;
/** No later attempt of the ticket has ended. */
export const newest = none('ticket_outcome', 'and x.fence > o.fence');

/** What is shown of the tickets that `page` names. */
export const ticketColumns = `t.ticket_id as "ticketId", t.kind, t.title, t.objective, t.payload, t.priority, t.critical,
  t.downshift, coalesce(r.assigned_to, l.assigned_to, p.assigned_to, o.assigned_to, t.assigned_to) as "assignedTo",
  t.origin, t.trusted, t.idempotency_key as "idempotencyKey", t.correlation_id as "correlationId",
  t.created_at as "createdAt",
  coalesce(r.status, case when l.ticket_id is null then null when l.started_at is null then 'claimed' else 'in_progress' end,
    p.status, o.resolution) as status,
  coalesce(r.reason, p.reason) as "statusReason",
  coalesce(r.fence, l.fence, p.fence, o.fence, 0) as fence,
  history.claims + case when l.ticket_id is null then 0 else 1 end as claims,
  coalesce(r.attempts, l.attempts, p.attempts, o.attempts, 0) as attempts,
  coalesce(r.failures, l.failures, p.failures, o.failures, 0) as failures,
  history.reasons as "failureCountByReason", history.model_tier as "modelTier",
  l.progress, o.resolution, o.summary, o.result,
  coalesce(r.assigned_at, l.assigned_at, p.assigned_at, t.assigned_at, t.created_at) as "assignedAt",
  array[
    coalesce(l.claimed_at, o.claimed_at),
    coalesce(r.deferred_at, l.deferred_at, p.deferred_at, history.deferred_at),
    r.eligible_at, l.deadline, l.progress_at,
    case when r.ticket_id is null and l.ticket_id is null and p.ticket_id is null then o.at end,
    o.at] as times`;
const row = (place: string): string =>
  `lateral (select * from kora.${place} x where x.workspace_id = $1 and x.ticket_id = page.ticket_id limit 1)`;
/** Everything by its key, one by one: what a page costs does not grow with the tickets there are. */
export const ticketJoins = `cross join ${row('ticket')} t
  left join ${row('ticket_ready')} r on true
  left join ${row('ticket_lease')} l on true
  left join ${row('ticket_parked')} p on true
  left join lateral (select * from kora.ticket_outcome o where o.workspace_id = $1 and o.ticket_id = page.ticket_id
    order by o.fence desc limit 1) o on true
  cross join lateral (
    select coalesce(sum(claims), 0)::int as claims, max(deferred_at) as deferred_at,
      coalesce(jsonb_object_agg(reason, failed) filter (where failed > 0), '{}') as reasons,
      (array_agg(model_tier order by tier_fence desc) filter (where model_tier is not null))[1] as model_tier
    from (
      select coalesce(failure_class, resolution) as reason, count(*) filter (where claimed_at is not null) as claims,
        count(*) filter (where resolution in ('failed_retryable', 'failed_terminal', 'expired')) as failed,
        max(at) filter (where resolution = 'deferred_cost_limit') as deferred_at,
        (array_agg(model_tier order by fence desc) filter (where model_tier is not null))[1] as model_tier,
        max(fence) filter (where model_tier is not null) as tier_fence
      from kora.ticket_outcome where workspace_id = $1 and ticket_id = page.ticket_id group by 1) by_reason) history`;

/** Tickets of one status, from where that status lies. */
const pages: Readonly<Record<TicketStatus, string>> = {
  assigned: `kora.ticket_ready o where workspace_id = $1 and status = 'assigned'`,
  released: `kora.ticket_ready o where workspace_id = $1 and status = 'released'`,
  failed_retryable: `kora.ticket_ready o where workspace_id = $1 and status = 'failed_retryable'`,
  claimed: `kora.ticket_lease o where workspace_id = $1 and started_at is null`,
  in_progress: `kora.ticket_lease o where workspace_id = $1 and started_at is not null`,
  waiting: `kora.ticket_parked o where workspace_id = $1 and status = 'waiting'`,
  deferred_cost_limit: `kora.ticket_parked o where workspace_id = $1 and status = 'deferred_cost_limit'`,
  blocked_needs_operator: `kora.ticket_parked o where workspace_id = $1 and status = 'blocked_needs_operator'`,
  completed: `kora.ticket_outcome o where workspace_id = $1 and resolution = 'completed' and ${newest} and ${ended}`,
  failed_terminal: `kora.ticket_outcome o where workspace_id = $1 and resolution = 'failed_terminal' and ${newest} and ${ended}`,
  cancelled: `kora.ticket_outcome o where workspace_id = $1 and resolution = 'cancelled' and ${newest} and ${ended}`,
};

export interface TicketListing {
  readonly status?: string | undefined;
  /** 1 to 1000, default 50. */
  readonly limit?: number | undefined;
  /** Only tickets with a smaller id. */
  readonly before?: number | undefined;
}

/** The newest tickets, or those of one status: found where that status lies, however many others there are. */
export async function listTickets(
  db: Queryable,
  workspaceId: number,
  { status, limit = 50, before }: TicketListing,
): Promise<TicketView[]> {
  const known = ticketStatuses.find((each) => each === status);
  if (status !== undefined && known === undefined) return [];
  const from = known === undefined ? 'kora.ticket o where workspace_id = $1' : pages[known];
  const rows = await db.query<TicketRecord>(
    `with page as materialized (select ticket_id from ${from} and ticket_id < $2 order by ticket_id desc limit $3)
     select ${ticketColumns} from page ${ticketJoins} order by t.ticket_id desc`,
    [workspaceId, before ?? Number.MAX_SAFE_INTEGER, Math.min(1_000, Math.max(1, limit))],
  );
  return rows.map(ticketView);
}

/** Those of these tickets that there are, in the order of their ids. */
export async function findTickets(
  db: Queryable,
  workspaceId: number,
  ticketIds: readonly number[],
): Promise<TicketView[]> {
  const rows = await db.query<TicketRecord>(
    `with page as materialized (select distinct unnest($2::bigint[]) as ticket_id)
     select ${ticketColumns} from page ${ticketJoins} order by t.ticket_id`,
    [workspaceId, ticketIds],
  );
  return rows.map(ticketView);
}

export async function findTicket(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<TicketView | undefined> {
  return (await findTickets(db, workspaceId, [ticketId]))[0];
}

export function ticketView({ times: at, priority, createdAt, assignedAt, ...row }: TicketRecord): TicketView {
  const told = Object.fromEntries(times.map((name, place) => [name, at[place]?.toISOString() ?? null]));
  return {
    ...row,
    ...(told as Record<Times, string | null>),
    priority: ticketPriorities[priority] ?? 'normal',
    bucket: bucketOf(row.status),
    createdAt: createdAt.toISOString(),
    assignedAt: assignedAt.toISOString(),
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
