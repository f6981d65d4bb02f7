import type { Admission, Pass } from '../../admission/index.ts';
import { stageFragment } from '../../chain/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import { gateFragment } from '../../state/index.ts';
import type { Queryable } from '../../store/index.ts';
import { claimExpired, ticketClaimed } from '../events.ts';

export interface ClaimRequest {
  readonly sessionId: string;
  readonly limit: number;
  readonly deadlineMs: number;
  /** For which kind, and whether only of critical tickets, is what the door was asked for. */
  readonly pass: Pass<'claim'>;
  readonly admission: Pick<Admission, 'redeem'>;
}

/** A ticket under this session's lease. */
export interface Claim {
  readonly ticketId: number;
  readonly fence: number;
  readonly attempts: number;
  readonly failures: number;
  readonly kind: string;
  readonly critical: boolean;
  readonly title: string;
  readonly objective: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly correlationId: string | null;
  /** The event that made it claimable; what follows from the ticket names it as its cause. */
  readonly causationId: string | null;
  readonly trusted: boolean;
}

const claimStatement = `
  with picked as materialized (
    select ticket_id from kora.ticket_ready
    where workspace_id = $1 and assigned_to = $4 and kind = $5 and eligible_at <= clock_timestamp() and (critical or not $7)
      and exists (select from kora.session where workspace_id = $1 and session_id = $3 and until > clock_timestamp())
      and ${gateFragment({ workspace: '$1' })}
    order by priority, eligible_at, ticket_id limit $6 for update skip locked),
  taken as (
    delete from kora.ticket_ready r using picked p
    where r.workspace_id = $1 and r.ticket_id = p.ticket_id
    returning r.*),
  leased as (
    insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
      session_id, attempts, epoch, failures, deferred_at, deadline, deadline_ms)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence + 1, $3, attempts + 1, epoch,
      failures, deferred_at, clock_timestamp() + make_interval(secs => $8), ($8 * 1000)::int
    from taken returning *),
  claims as (select l.*, t.title, t.objective, t.payload, t.correlation_id, t.causation_id, t.trusted
    from leased l join kora.ticket t using (workspace_id, ticket_id)),
  staged as (${stageFragment({
    type: ticketClaimed,
    from: 'claims',
    workspace: '$1',
    runtime: '$2',
    session: '$3',
    actor: '$4',
    correlation: 'correlation_id',
    causation: 'causation_id',
    ticket: 'ticket_id',
    fence: 'fence',
    payload: { ticket: 'ticket_id', fence: 'fence', attempt: 'attempts' },
  })})
  select ticket_id as "ticketId", fence, attempts, failures, kind, critical, title, objective, payload,
    correlation_id as "correlationId", causation_id as "causationId", trusted
  from claims order by priority, ticket_id`;

/**
 * Takes up to `limit` tickets of a kind under the session's lease: one statement, which raises each fence and stages the
 * event. A session that is not alive gets nothing, nor does anybody while a hold or a stop is committed: this process may
 * not have heard of it yet. Throws KORA_ADMISSION_DENIED when the pass does not hold.
 */
export async function claimTickets(
  db: Queryable,
  owner: ChainOwner,
  request: ClaimRequest,
): Promise<Claim[]> {
  const { kind, critical } = request.admission.redeem(request.pass, 'claim');
  return db.query<Claim>(claimStatement, [
    owner.workspaceId,
    owner.runtimeId,
    request.sessionId,
    owner.actorId,
    kind,
    request.limit,
    critical,
    request.deadlineMs / 1_000,
  ]);
}

/** After this many attempts that ended without a word, a ticket waits for the operator: it may be what kills us. */
export const attemptCeiling = 10;

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
      attempts, failures, claimed_at)
    select workspace_id, ticket_id, fence, session_id, $2, 'expired', 'the lease ran out', attempts, failures, claimed_at
    from reaped),
  back as (
    insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
      critical, fence, attempts, epoch, failures, status, reason, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority,
      clock_timestamp() + case when attempts < 2 then interval '0' else make_interval(secs => least(300, 2 ^ attempts)) end,
      critical, fence, attempts, epoch, failures, 'released', 'the lease ran out', deferred_at
    from reaped where attempts < ${attemptCeiling}),
  parked as (
    insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
      fence, attempts, epoch, failures, reason)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, 'blocked_needs_operator', fence,
      attempts, epoch, failures,
      'the lease ran out ' || attempts || ' times'
    from reaped where attempts >= ${attemptCeiling}),
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
  })})
  select ticket_id as "ticketId" from reaped`;

/**
 * Gives back what dead sessions and passed deadlines still hold: with the same fence, so that the next claim is higher
 * and the old holder's every write is refused. Any runtime may do it, and two at once are safe.
 */
export async function reapTickets(db: Queryable, owner: ChainOwner, limit: number): Promise<number[]> {
  const rows = await db.query<{ ticketId: number }>(reapStatement, [
    owner.workspaceId,
    owner.runtimeId,
    owner.sessionId,
    owner.actorId,
    limit,
  ]);
  return rows.map(({ ticketId }) => ticketId);
}
