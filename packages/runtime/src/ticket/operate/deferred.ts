import type { OperateContext } from './action.ts';
import { draft } from '../../chain/index.ts';
import type { Transaction } from '../../store/index.ts';
import { deferredReleased } from '../events.ts';

/** Milliseconds that claims begin one at a time after money came back. */
export const rampMs = 3_600_000;

/**
 * Money is back: every ticket that was put off for want of it may be claimed again, and for an hour claims begin one at a
 * time. Answers how many there were. Called again while the hour runs, it does not begin anew.
 */
export async function releaseDeferred(
  tx: Transaction,
  { workspaceId, stage }: OperateContext,
  { reason }: { readonly reason: string },
): Promise<number> {
  const [ramp] = await tx.query(
    // A ramp that runs is not touched: a claimer may hold its row and wait for the pool, which is ours.
    `insert into kora.claim_ramp as r (workspace_id, until)
     select $1::int, clock_timestamp() + make_interval(secs => $2::float8)
     where not exists (select from kora.claim_ramp where workspace_id = $1 and until > clock_timestamp())
     on conflict (workspace_id) do update set since = excluded.since, until = excluded.until, last_claim_at = null
       where r.until <= clock_timestamp()
     returning workspace_id`,
    [workspaceId, rampMs / 1_000],
  );
  const released = await tx.query(
    `with parked as (delete from kora.ticket_parked
       where workspace_id = $1 and status = 'deferred_cost_limit' returning *)
     insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
       critical, fence, attempts, epoch, failures, deferred_at)
     select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, greatest(eligible_at, clock_timestamp()),
       critical, fence, attempts, epoch, failures, deferred_at from parked
     returning ticket_id`,
    [workspaceId],
  );
  if (ramp !== undefined || released.length > 0)
    await stage(tx, [draft(deferredReleased, { tickets: released.length, reason })]);
  return released.length;
}
