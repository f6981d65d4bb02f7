import type { Admission, Pass } from '../../admission/index.ts';
import { stageFragment } from '../../chain/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import { openAccounts } from '../../spend/index.ts';
import { epochFragment, gateFragment } from '../../state/index.ts';
import type { Queryable } from '../../store/index.ts';
import { ticketClaimed, ticketPutOff } from '../events.ts';
import type { ClaimHints } from './hints.ts';

/** What a claimer has room for, of one kind. */
export interface ClaimWant {
  readonly kind: string;
  readonly limit: number;
  /** Milliseconds without progress after which the lease ends. */
  readonly deadlineMs: number;
  /** Millionths of a dollar that one attempt may spend: set aside with the claim, which is not made without them. */
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

/** SQL: opens the accounts of `taken`, and parks what there is no money for: nobody is given it, and its fence stays. */
const putOff = `refused as materialized (${openAccounts({
  from: 'taken',
  workspace: '$1',
  actor: '$4',
  ticket: 'ticket_id',
  fence: 'fence + 1',
  budget: 'budget',
  critical: 'critical',
  order: 'place',
})}),
  short as materialized (select taken.*, refused.reason as why from taken join refused using (ticket_id)),
  parked as (
    insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
      fence, attempts, epoch, failures, reason, eligible_at, deferred_at, needs_micro_usd)
    select $1, ticket_id, assigned_to, assigned_at, kind, priority, critical, 'deferred_cost_limit', fence, attempts,
      epoch, failures, why, eligible_at, clock_timestamp(), budget
    from short),
  told as (${stageFragment({
    type: ticketPutOff,
    from: 'short',
    workspace: '$1',
    runtime: '$2',
    session: '$3',
    actor: '$4',
    correlation: 'correlation_id',
    causation: 'causation_id',
    ticket: 'ticket_id',
    payload: { ticket: 'ticket_id', budget_micro_usd: 'budget' },
  })}),
  `;

/**
 * SQL: what becomes of the tickets in the CTE `taken`, which are out of the queue and have the columns of
 * kora.pick_ready and `deadline_ms`: each fence is raised, the lease and the event are written. Where they are `priced`,
 * those with a `budget` have it set aside, or are parked when there is no money. $1 workspace, $2 runtime, $3 session,
 * $4 actor.
 */
export const leaseTaken = (priced: boolean): string => `${priced ? putOff : ''}claims as materialized (
    select taken.*, fence + 1 as next_fence, now_epoch.epoch as next_epoch,
      case when taken.epoch = now_epoch.epoch then attempts + 1 else 1 end as next_attempts
    from taken cross join (select ${epochFragment()} as epoch) now_epoch
    ${priced ? 'where not exists (select from refused where refused.ticket_id = taken.ticket_id)' : ''}),
  leased as (
    insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
      session_id, attempts, epoch, failures, deferred_at, deadline, deadline_ms${priced ? ', budget_micro_usd' : ''})
    select $1, ticket_id, assigned_to, assigned_at, kind, priority, critical, next_fence, $3, next_attempts, next_epoch,
      failures, deferred_at, clock_timestamp() + deadline_ms * interval '1 millisecond', deadline_ms${priced ? ', budget' : ''}
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

const claimStatement = (priced: boolean): string => `
  with taken as (
    select picked.*, ($10::int[])[turn] as deadline_ms${priced ? ', ($12::bigint[])[turn] as budget' : ''}
    from kora.pick_ready($1, $5, $6, $7, $8, case when ${mayClaim} then $9::int else 0 end, $11)
      with ordinality as picked (turn, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at, critical, fence,
        attempts, epoch, failures, deferred_at, title, objective, payload, correlation_id, causation_id, trusted, place)),
  ${leaseTaken(priced)}`;
/** Work by rules alone shares no row with what is paid for. */
const claimStatements = { byRules: claimStatement(false), paidFor: claimStatement(true) };

/**
 * Takes tickets of several kinds under the session's lease: one statement, which chooses them (by priority, which
 * improves with waiting, then a fair share for each kind, then age), raises each fence and stages the events. A session
 * that is not alive gets nothing, nor does anybody while a hold or a stop is committed: this process may not have heard
 * of it yet. While the workspace is on a ramp, one ticket each 30 s. What has a budget that there is no money for is parked
 * with the figures, and counts among those that were asked for. Throws KORA_ADMISSION_DENIED when a pass does not hold.
 */
export async function claimTickets(
  db: Queryable,
  owner: ChainOwner,
  request: ClaimRequest,
): Promise<Claim[]> {
  const { wants, total, admission } = request;
  const [first, ...others] = wants;
  if (first === undefined || total <= 0) return [];
  const leave = admission.redeem(first.pass, 'claim');
  const critical = [
    onlyCritical(first, leave),
    ...others.map((want) => onlyCritical(want, admission.redeem(want.pass, 'claim'))),
  ];
  const look = request.hints?.look(wants.map(({ kind }) => kind));
  const budgets = budgetsOf(wants);
  const priced = budgets === undefined ? 'byRules' : 'paidFor';
  const claims = await db.query<Claim>(
    claimStatements[priced],
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
      ...(budgets === undefined ? [] : [budgets]),
    ],
    { name: budgets === undefined ? 'ticket claim' : 'ticket claim paid for' },
  );
  const asked = Math.min(
    total,
    wants.reduce((sum, { limit }) => sum + limit, 0),
  );
  look?.found(claims, claims.length >= asked);
  return claims;
}

/** Millionths of a dollar of each kind; undefined when all is work by rules. */
export function budgetsOf(
  wants: readonly Pick<ClaimWant, 'budgetMicroUsd'>[],
): (number | null)[] | undefined {
  const budgets = wants.map(({ budgetMicroUsd = 0 }) => (budgetMicroUsd > 0 ? budgetMicroUsd : null));
  return budgets.every((budget) => budget === null) ? undefined : budgets;
}

/** Whether the leave is for critical tickets alone; it must be for the kind that is wanted. */
export function onlyCritical(
  { kind }: Pick<ClaimWant, 'kind'>,
  leave: { readonly kind: string; readonly critical: boolean },
): boolean {
  if (leave.kind !== kind)
    throw fault('KORA_ADMISSION_DENIED', `the pass is for ${leave.kind}, not for ${kind}`);
  return leave.critical;
}
