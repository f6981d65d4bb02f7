import type { ChainOwner } from '../../chain/index.ts';
import type { Queryable } from '../../store/index.ts';
import { budgetsOf, leaseTaken, mayClaim, onlyCritical } from './claim.ts';
import type { Claim, ClaimRequest, ClaimWant } from './claim.ts';

/** How asking for one ticket by its number ends. */
export const claimResults = [
  'claimed',
  'already_claimed',
  'not_assigned',
  'assignment_cleared',
  'ticket_terminal',
  'blocked_by_control',
  'blocked_by_cost',
  'contract_version_mismatch',
] as const;
export type ClaimResult = (typeof claimResults)[number];

/** What a claimer and the store have agreed to mean by a claim; raised when a claimer of before would do wrong. */
export const claimContractVersion = 1;

export interface NamedClaimRequest
  extends Pick<ClaimRequest, 'sessionId' | 'assignedTo' | 'admission'>,
    Omit<ClaimWant, 'limit'> {
  readonly ticketId: number;
  /** The claimer's; default ours. */
  readonly contractVersion?: number;
}

export interface ClaimAnswer {
  readonly result: ClaimResult;
  /** When it was claimed. */
  readonly claim?: Claim;
  /** What stands in the way otherwise. */
  readonly reason?: string;
}

const claimStatement = (priced: boolean): string => `
  with pace as materialized (select kora.claim_pace($1) as pace),
  gone as (
    delete from kora.ticket_ready r using pace
    where r.workspace_id = $1 and r.ticket_id = $5 and r.assigned_to = $6 and r.kind = $7 and (r.critical or not $8)
      and r.eligible_at <= clock_timestamp() and pace.pace <> 'none' and ${mayClaim}
    returning r.*),
  taken as (
    select gone.*, t.title, t.objective, t.payload, t.correlation_id, t.causation_id, t.trusted, $9::int as deadline_ms,
      1 as place${priced ? ', $10::bigint as budget' : ''}
    from gone join kora.ticket t using (workspace_id, ticket_id)),
  ramped as (
    update kora.claim_ramp r set last_claim_at = clock_timestamp() from taken where r.workspace_id = $1),
  ${leaseTaken(priced)}`;
const claimStatements = { byRules: claimStatement(false), paidFor: claimStatement(true) };

interface Standing {
  readonly held: boolean;
  readonly parked: string | null;
  readonly ready: boolean;
  readonly assignedTo: string | null;
  readonly kind: string | null;
  readonly critical: boolean | null;
  readonly early: boolean | null;
  /** To whom it was assigned when it was added; null where there is no such ticket. */
  readonly first: string | null;
  readonly open: boolean;
  readonly ramp: boolean;
}

const standingStatement = `
  select l.ticket_id is not null as held, p.status as parked, r.ticket_id is not null as ready,
    r.assigned_to as "assignedTo", r.kind, r.critical, r.eligible_at > clock_timestamp() as early,
    t.assigned_to as first, ${mayClaim} as open,
    exists (select from kora.claim_ramp where workspace_id = $1 and until > clock_timestamp()
      and last_claim_at > clock_timestamp() - interval '30 seconds') as ramp
  from (select $1::int as workspace_id, $2::bigint as ticket_id) asked
    left join kora.ticket t using (workspace_id, ticket_id)
    left join kora.ticket_ready r using (workspace_id, ticket_id)
    left join kora.ticket_lease l using (workspace_id, ticket_id)
    left join kora.ticket_parked p using (workspace_id, ticket_id)`;

/**
 * Takes one ticket by its number, as `claimTickets` takes many; says which of the reasons it was when it does not.
 * Throws KORA_ADMISSION_DENIED when the pass does not hold.
 */
export async function claimTicket(
  db: Queryable,
  owner: ChainOwner,
  request: NamedClaimRequest,
): Promise<ClaimAnswer> {
  const { sessionId, ticketId, kind, contractVersion = claimContractVersion } = request;
  const assignedTo = request.assignedTo ?? owner.actorId;
  const leave = request.admission.redeem(request.pass, 'claim');
  const critical = onlyCritical(request, leave);
  if (contractVersion !== claimContractVersion) {
    const reason = `claims are of version ${claimContractVersion} here, not ${contractVersion}`;
    return { result: 'contract_version_mismatch', reason };
  }
  const { workspaceId, runtimeId, actorId } = owner;
  const budgets = budgetsOf([request]);
  const [claim] = await db.query<Claim>(claimStatements[budgets === undefined ? 'byRules' : 'paidFor'], [
    workspaceId,
    runtimeId,
    sessionId,
    actorId,
    ticketId,
    assignedTo,
    kind,
    critical,
    request.deadlineMs,
    ...(budgets ?? []),
  ]);
  if (claim !== undefined) return { result: 'claimed', claim };
  const [standing] = await db.query<Standing>(standingStatement, [workspaceId, ticketId, sessionId]);
  return refusal(standing, { assignedTo, kind, onlyCritical: critical });
}

interface Asker {
  readonly assignedTo: string;
  readonly kind: string;
  readonly onlyCritical: boolean;
}

function refusal(standing: Standing | undefined, asker: Asker): ClaimAnswer {
  if (standing === undefined || standing.first === null) {
    return { result: 'not_assigned', reason: 'there is no such ticket' };
  }
  if (standing.held) return { result: 'already_claimed', reason: 'it is under a lease' };
  if (standing.parked === 'deferred_cost_limit') {
    return { result: 'blocked_by_cost', reason: 'it waits until there is money again' };
  }
  if (standing.parked !== null) {
    const reason = standing.parked === 'waiting' ? 'it waits for other tickets' : 'it waits for the operator';
    return { result: 'blocked_by_control', reason };
  }
  if (!standing.ready) return { result: 'ticket_terminal', reason: 'it has ended' };
  if (standing.assignedTo !== asker.assignedTo) {
    const result = standing.first === asker.assignedTo ? 'assignment_cleared' : 'not_assigned';
    return { result, reason: `it is assigned to ${standing.assignedTo}` };
  }
  if (standing.kind !== asker.kind)
    return { result: 'not_assigned', reason: `it is of kind ${standing.kind}` };
  return held(standing, asker);
}

/** It is the asker's, and may not begin now. */
function held(standing: Standing, { onlyCritical }: Asker): ClaimAnswer {
  if (!standing.open) {
    return { result: 'blocked_by_control', reason: 'a hold or a stop is in force, or the session is over' };
  }
  if (onlyCritical && standing.critical !== true) {
    return { result: 'blocked_by_control', reason: 'only critical tickets are worked on' };
  }
  if (standing.early === true) return { result: 'blocked_by_control', reason: 'its time has not come' };
  if (standing.ramp)
    return { result: 'blocked_by_cost', reason: 'claims begin one at a time after a refresh' };
  // Somebody had it a moment ago and gave it back.
  return { result: 'already_claimed', reason: 'somebody else was faster' };
}
