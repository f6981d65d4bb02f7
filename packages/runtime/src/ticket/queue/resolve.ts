import { draft, storable } from '../../chain/index.ts';
import type { EventDraft, EventLinks } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';
import type { Claim } from './claim.ts';
import type { TicketResult } from '../contract.ts';
import { claimReleased, ticketResolved } from '../events.ts';

/** Logical failures after which a ticket ends. */
export const failureCeiling = 3;
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

export interface ResolveContext {
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly sessionId: string;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  /** Names the event of the result, before it is sealed. */
  readonly uuid: () => string;
}

/** `already`: our own earlier resolve landed and its answer was lost. `lost`: the ticket is not ours any more. */
export type Verdict = 'ok' | 'already' | 'lost';

/**
 * Ends an attempt under its fence, in the caller's transaction: consequences may follow only after `ok`, and come of the
 * event that `context.uuid` named.
 */
export async function resolveTicket(
  tx: Transaction,
  context: ResolveContext,
  claim: Claim,
  result: TicketResult,
): Promise<Verdict> {
  const failed = result.resolution === 'failed_retryable' || result.resolution === 'failed_terminal';
  const failures = claim.failures + (failed ? 1 : 0);
  const resolution =
    result.resolution === 'failed_retryable' && failures >= failureCeiling
      ? 'failed_terminal'
      : result.resolution;
  const summary = String(storable(result.summary));
  const verdict = await end(tx, context, claim, {
    resolution,
    summary,
    result: result.result ?? null,
    attempts: claim.attempts,
    failures,
    delayMs: retryDelay(failures, context.random),
  });
  if (verdict !== 'ok') return verdict;
  const payload = {
    ticket: claim.ticketId,
    kind: claim.kind,
    fence: claim.fence,
    resolution,
    summary,
    attempts: claim.attempts,
    failures,
  };
  await context.stage(tx, [{ ...draft(ticketResolved, payload, linksOf(claim)), eventId: context.uuid() }]);
  return 'ok';
}

/** Gives a ticket back without a result: the attempt does not count, the fence stays. */
export async function releaseTicket(
  tx: Transaction,
  context: ResolveContext,
  claim: Claim,
  reason: string,
): Promise<Verdict> {
  const verdict = await end(tx, context, claim, {
    resolution: 'released',
    summary: reason,
    result: null,
    attempts: claim.attempts - 1,
    failures: claim.failures,
    delayMs: 0,
  });
  if (verdict === 'ok') {
    const payload = { ticket: claim.ticketId, fence: claim.fence, reason };
    await context.stage(tx, [draft(claimReleased, payload, linksOf(claim))]);
  }
  return verdict;
}

interface Ending {
  readonly resolution: TicketResult['resolution'] | 'released';
  readonly summary: string;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
  readonly failures: number;
  readonly delayMs: number;
}

/** One statement: the lease goes only if ticket, fence and session match; everything else hangs on that row. */
const endStatement = `
  with ended as (
    delete from kora.ticket_lease
    where workspace_id = $1 and ticket_id = $2 and fence = $3 and session_id = $4 returning *),
  outcome as (
    insert into kora.ticket_outcome (workspace_id, ticket_id, fence, session_id, runtime_id, resolution, summary, result,
      attempts, failures, claimed_at)
    select workspace_id, ticket_id, fence, session_id, $5, $6, $7, $8, $9, $10, claimed_at from ended),
  back as (
    insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
      critical, fence, attempts, epoch, failures, status, reason, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority,
      clock_timestamp() + make_interval(secs => $11), critical, fence, $9, epoch, $10, $6, $7, deferred_at
    from ended where $6 in ('released', 'failed_retryable')),
  parked as (
    insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
      fence, attempts, epoch, failures, reason)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, $6, fence, $9, epoch, $10, $7
    from ended where $6 = 'blocked_needs_operator')
  select exists (select from ended) as ended`;

/** Asked in a statement of its own: one that waited for our own first try would not see what that one wrote. */
const oursStatement = `
  select exists (select from kora.ticket_outcome
    where workspace_id = $1 and ticket_id = $2 and fence = $3 and session_id = $4 and resolution <> 'expired') as ours`;

async function end(tx: Transaction, context: ResolveContext, claim: Claim, ending: Ending): Promise<Verdict> {
  const key = [context.workspaceId, claim.ticketId, claim.fence, context.sessionId];
  const [row] = await tx.query<{ ended: boolean }>(endStatement, [
    ...key,
    context.runtimeId,
    ending.resolution,
    ending.summary,
    ending.result === null ? null : JSON.stringify(storable(ending.result)),
    ending.attempts,
    ending.failures,
    ending.delayMs / 1_000,
  ]);
  if (row === undefined) throw fault('KORA_INTERNAL', 'the resolve statement answered nothing');
  if (row.ended) return 'ok';
  const [earlier] = await tx.query<{ ours: boolean }>(oursStatement, key);
  return earlier?.ours === true ? 'already' : 'lost';
}

/** Exponential from one minute to one hour, half of it spread by chance. */
function retryDelay(failures: number, random: () => number): number {
  const full = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, failures - 1));
  return full / 2 + (full / 2) * random();
}

function linksOf({ ticketId, fence, correlationId, causationId }: Claim): EventLinks {
  return {
    ticketId,
    fence,
    ...(correlationId === null ? {} : { correlationId }),
    ...(causationId === null ? {} : { causationId }),
  };
}
