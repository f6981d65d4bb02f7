import { spendsFragment } from '../../spend/index.ts';
import type { Queryable } from '../../store/index.ts';

/** Whether a claim that has spent, or may, is held by anybody in the workspace. */
export async function isPaidWorkHeld(db: Queryable, workspaceId: number): Promise<boolean> {
  const [row] = await db.query<{ held: boolean }>(
    `select exists (select from kora.ticket_lease l where l.workspace_id = $1 and (l.budget_micro_usd > 0
       or ${spendsFragment({ workspace: 'l.workspace_id', ticket: 'l.ticket_id', fence: 'l.fence' })})) as held`,
    [workspaceId],
  );
  return row?.held === true;
}

/** Micro-dollars that are neither spent nor set aside. */
interface Free {
  /** For critical work. */
  readonly allMicroUsd: number;
  /** For other work. */
  readonly ordinaryMicroUsd: number;
  /** Left of the month's pace, within which other work may begin; null without one. */
  readonly paceMicroUsd: number | null;
}

/**
 * Lets those be claimed again, critical ones and then the oldest first, that were put off for no more than this together:
 * it was set aside by others and came back. Answers how many.
 */
export async function affordDeferred(db: Queryable, workspaceId: number, free: Free): Promise<number> {
  const affordable = await db.query(
    `with queue as (
       select ticket_id, critical, needs_micro_usd as needs,
         sum(needs_micro_usd) over (order by critical desc, deferred_at, ticket_id) as together
       from kora.ticket_parked
       where workspace_id = $1 and status = 'deferred_cost_limit' and needs_micro_usd is not null),
     parked as (delete from kora.ticket_parked p using queue
       where p.workspace_id = $1 and p.ticket_id = queue.ticket_id and p.status = 'deferred_cost_limit'
         and case when queue.critical then queue.together <= $2
           else queue.together <= $3 and queue.together - queue.needs < coalesce($4::bigint, queue.together) end
       returning p.*)
     insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
       critical, fence, attempts, epoch, failures, deferred_at)
     select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, greatest(eligible_at, clock_timestamp()),
       critical, fence, attempts, epoch, failures, deferred_at from parked
     returning ticket_id`,
    [workspaceId, free.allMicroUsd, free.ordinaryMicroUsd, free.paceMicroUsd],
  );
  return affordable.length;
}

/** What became of claims for want of money. */
export interface DeferredStanding {
  /** Tickets that wait for money. */
  readonly deferred: number;
  /** While claims begin one at a time; null when they do not. */
  readonly ramp: {
    readonly since: Date;
    readonly until: Date;
    readonly lastClaimAt: Date | null;
  } | null;
}

export async function readDeferred(db: Queryable, workspaceId: number): Promise<DeferredStanding> {
  const [row] = await db.query<{
    deferred: number;
    since: Date | null;
    until: Date | null;
    lastClaimAt: Date | null;
  }>(
    `select (select count(*) from kora.ticket_parked where workspace_id = $1 and status = 'deferred_cost_limit') as deferred,
       r.since, r.until, r.last_claim_at as "lastClaimAt"
     from (select $1::int as workspace_id) w
     left join kora.claim_ramp r on r.workspace_id = w.workspace_id and r.until > clock_timestamp()`,
    [workspaceId],
  );
  const { deferred = 0, since, until, lastClaimAt = null } = row ?? {};
  return { deferred, ramp: since && until ? { since, until, lastClaimAt } : null };
}
