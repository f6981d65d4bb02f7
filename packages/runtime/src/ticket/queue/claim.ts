import type { Admission, Pass } from '../../admission/index.ts';
import { stageFragment } from '../../chain/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import { epochFragment, gateFragment } from '../../state/index.ts';
import type { Queryable } from '../../store/index.ts';
import { ticketClaimed } from '../events.ts';
import type { ClaimHints } from './hints.ts';

/** What a claimer has room for, of one kind. */
export interface ClaimWant {
  readonly kind: string;
  readonly limit: number;
  /** Milliseconds without progress after which the lease ends. */
  readonly deadlineMs: number;
  /** Millionths of a dollar that one attempt may spend. */
  readonly budgetMicroUsd?: number;
  /** For which kind, and whether only of critical tickets, is what the door was asked for. */
  readonly pass: Pass<'claim'>;
}

export interface ClaimRequest {
  readonly sessionId: string;
  /** Whose tickets; default the owner's actor. */
  readonly assignedTo?: string;
  /** In the order of this turn: where tickets are scarce, the first has the first. */
  readonly wants: readonly ClaimWant[];
  readonly total: number;
  readonly hints?: ClaimHints;
  readonly admission: Pick<Admission, 'redeem'>;
}

/** A ticket under this session's lease. */
export interface Claim {
  readonly ticketId: number;
  readonly fence: number;
  /** Claims in the store's present epoch, this one included. */
  readonly attempts: number;
  readonly failures: number;
  readonly epoch: number;
  readonly kind: string;
  readonly critical: boolean;
  /** 0 frontier to 3 low, as it was added. */
  readonly priority: number;
  readonly assignedTo: string;
  readonly eligibleAt: Date;
  readonly deadlineMs: number;
  readonly title: string;
  readonly objective: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly correlationId: string | null;
  /** The event that made it claimable; what follows from the ticket names it as its cause. */
  readonly causationId: string | null;
  readonly trusted: boolean;
}

/**
 * SQL: that a claim may be made now at all, by a session that is alive and past no hold and no stop. $1 workspace,
 * $3 session.
 */
export const mayClaim = `(exists (select from kora.session
      where session.workspace_id = $1 and session.session_id = $3 and session.until > clock_timestamp())
    and ${gateFragment({ workspace: '$1' })})`;

/**
 * SQL: what becomes of the tickets in the CTE `taken`, which are out of the queue and have the columns of
 * kora.pick_ready and `deadline_ms`: each fence is raised, the lease and the event are written. $1 workspace, $2 runtime,
 * $3 session, $4 actor. Accounts that claims spend from are opened here as well, once there are any: `openAccounts`.
 */
export const leaseTaken = `claims as materialized (
    select taken.*, fence + 1 as next_fence, now_epoch.epoch as next_epoch,
      case when taken.epoch = now_epoch.epoch then attempts + 1 else 1 end as next_attempts
    from taken cross join (select ${epochFragment()} as epoch) now_epoch),
  leased as (
    insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
      session_id, attempts, epoch, failures, deferred_at, deadline, deadline_ms)
    select $1, ticket_id, assigned_to, assigned_at, kind, priority, critical, next_fence, $3, next_attempts, next_epoch,
      failures, deferred_at, clock_timestamp() + deadline_ms * interval '1 millisecond', deadline_ms
    from claims),
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
    fence: 'next_fence',
    payload: { ticket: 'ticket_id', fence: 'next_fence', attempt: 'next_attempts' },
  })})
  select ticket_id as "ticketId", next_fence as fence, next_attempts as attempts, failures, next_epoch as epoch, kind,
    critical, priority, assigned_to as "assignedTo", eligible_at as "eligibleAt", deadline_ms as "deadlineMs", title,
    objective, payload, correlation_id as "correlationId", causation_id as "causationId", trusted
  from claims order by place`;

const claimStatement = `
  with taken as (
    select picked.*, ($10::int[])[turn] as deadline_ms
    from kora.pick_ready($1, $5, $6, $7, $8, case when ${mayClaim} then $9::int else 0 end, $11)
      with ordinality as picked (turn, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at, critical, fence,
        attempts, epoch, failures, deferred_at, title, objective, payload, correlation_id, causation_id, trusted, place)),
  ${leaseTaken}`;

/**
 * Takes tickets of several kinds under the session's lease: one statement, which chooses them (by priority, which
 * improves with waiting, then a fair share for each kind, then age), raises each fence and stages the events. A session
 * that is not alive gets nothing, nor does anybody while a hold or a stop is committed: this process may not have heard
 * of it yet. While the workspace is on a ramp, one ticket each 30 s. Throws KORA_ADMISSION_DENIED when a pass does not
 * hold.
 */
export async function claimTickets(
  db: Queryable,
  owner: ChainOwner,
  request: ClaimRequest,
): Promise<Claim[]> {
  const { wants, total } = request;
  const critical = wants.map((want) => redeem(request.admission, want));
  if (wants.length === 0 || total <= 0) return [];
  const look = request.hints?.look(wants.map(({ kind }) => kind));
  const claims = await db.query<Claim>(
    claimStatement,
    [
      owner.workspaceId,
      owner.runtimeId,
      request.sessionId,
      owner.actorId,
      request.assignedTo ?? owner.actorId,
      wants.map(({ kind }) => kind),
      wants.map(({ limit }) => limit),
      critical,
      total,
      wants.map(({ deadlineMs }) => deadlineMs),
      look?.from ?? null,
    ],
    { name: 'ticket claim' },
  );
  const asked = Math.min(
    total,
    wants.reduce((sum, { limit }) => sum + limit, 0),
  );
  look?.found(claims, claims.length >= asked);
  return claims;
}

/** Whether only critical tickets may be claimed. */
export function redeem(
  admission: Pick<Admission, 'redeem'>,
  { pass, kind }: Pick<ClaimWant, 'pass' | 'kind'>,
): boolean {
  const leave = admission.redeem(pass, 'claim');
  if (leave.kind !== kind)
    throw fault('KORA_ADMISSION_DENIED', `the pass is for ${leave.kind}, not for ${kind}`);
  return leave.critical;
}
