import type { OperateContext } from './action.ts';
import { draft } from '../../chain/index.ts';
import type { Transaction } from '../../store/index.ts';
import { deferredReleased } from '../events.ts';
import { beginRamp } from '../queue/ramp.ts';

/**
 * Money is back: every ticket that was put off for want of it may be claimed again, and for an hour claims begin one at a
 * time. Answers how many there were. Called again while the hour runs, it does not begin anew.
 */
export async function releaseDeferred(
  tx: Transaction,
  { workspaceId, stage }: OperateContext,
  { reason }: { readonly reason: string },
): Promise<number> {
  const begun = await beginRamp(tx, workspaceId);
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
  if (begun || released.length > 0)
    await stage(tx, [draft(deferredReleased, { tickets: released.length, reason })]);
  return released.length;
}
