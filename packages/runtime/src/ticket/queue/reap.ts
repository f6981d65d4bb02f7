import { stageFragment } from '../../chain/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import { closeAccounts } from '../../spend/index.ts';
import { ceilingFragment } from '../../state/index.ts';
import type { Queryable } from '../../store/index.ts';
import { claimExpired } from '../events.ts';
import { attemptCeiling } from './retry.ts';

/** A ticket whose holder was not heard of any more. */
export interface Reaped {
  readonly ticketId: number;
  /** Claims in the store's epoch `epoch`, the one that ended included. */
  readonly attempts: number;
  readonly epoch: number;
  /** It had its last attempt, and waits for the operator now. */
  readonly ceiling: boolean;
}

const reapStatement = `
  with dead as materialized (
    select l.ticket_id from kora.ticket_lease l
    where l.workspace_id = $1 and (l.deadline < clock_timestamp() or not exists (
      select from kora.session s
      where s.workspace_id = $1 and s.session_id = l.session_id and s.until > clock_timestamp()))
    order by l.ticket_id limit $5 for update of l skip locked),
  reaped as (
    delete from kora.ticket_lease l using dead
    where l.workspace_id = $1 and l.ticket_id = dead.ticket_id returning l.*),
  ended as (
    insert into kora.ticket_outcome (workspace_id, ticket_id, fence, session_id, runtime_id, resolution, summary,
      attempts, failures, assigned_to, claimed_at)
    select workspace_id, ticket_id, fence, session_id, $2, 'expired', 'the lease ran out', attempts, failures,
      assigned_to, claimed_at
    from reaped),
  back as (
    insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
      critical, fence, attempts, epoch, failures, status, reason, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority,
      clock_timestamp() + case when attempts < 2 then interval '0' else make_interval(secs => least(300, 2 ^ attempts)) end,
      critical, fence, attempts, epoch, failures, 'released', 'the lease ran out', deferred_at
    from reaped where attempts < $6),
  parked as (
    insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
      fence, attempts, epoch, failures, reason, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, 'blocked_needs_operator', fence,
      attempts, epoch, failures, 'the lease ran out ' || attempts || ' times', deferred_at
    from reaped where attempts >= $6),
  staged as (${stageFragment({
    type: claimExpired,
    from: 'reaped',
    workspace: '$1',
    runtime: '$2',
    session: '$3',
    actor: '$4',
    causation:
      '(select t.causation_id from kora.ticket t where (t.workspace_id, t.ticket_id) = (reaped.workspace_id, reaped.ticket_id))',
    ticket: 'ticket_id',
    fence: 'fence',
    payload: { ticket: 'ticket_id', fence: 'fence', attempt: 'attempts' },
  })}),
  ceiling as (${ceilingFragment({
    from: 'reaped',
    where: 'attempts >= $6',
    workspace: '$1',
    ticket: 'ticket_id',
    fence: 'fence',
    epoch: 'epoch',
    attempts: 'attempts',
  })}),
  closed as materialized (${closeAccounts({
    from: 'reaped',
    workspace: '$1',
    actor: '$4',
    ticket: 'ticket_id',
    fence: 'fence',
    budget: 'budget_micro_usd',
  })})
  select ticket_id as "ticketId", attempts, epoch, attempts >= $6 as ceiling from reaped cross join closed`;

/**
 * Gives back what dead sessions and passed deadlines still hold: with the same fence, so that the next claim is higher
 * and the old holder's every write is refused. What they had set aside to spend comes back with them. Any runtime may do
 * it, and two at once are safe. After `ceiling` attempts in one epoch of the store a ticket waits for the operator.
 */
export function reapTickets(
  db: Queryable,
  owner: ChainOwner,
  limit: number,
  ceiling: number = attemptCeiling,
): Promise<Reaped[]> {
  return db.query<Reaped>(reapStatement, [
    owner.workspaceId,
    owner.runtimeId,
    owner.sessionId,
    owner.actorId,
    limit,
    ceiling,
  ]);
}
