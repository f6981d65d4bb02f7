import { stageFragment } from '../../chain/index.ts';
import { closeAccounts } from '../../spend/index.ts';
import { ceilingFragment } from '../../state/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { TicketResult } from '../contract.ts';
import { endingOf, givenBack } from './ending.ts';
import type { ClaimKey, EndedClaim, Ending, EndingContext } from './ending.ts';

export interface ResolveContext extends EndingContext {
  readonly workspaceId: number;
  readonly runtimeId: string;
  /** Whose leases are ended, and no other's. */
  readonly sessionId: string;
  /** Names the event of a result that has consequences, before it is sealed. */
  readonly uuid: () => string;
  /** Events were staged and committed. */
  readonly staged: () => void;
  /** Tickets ended that others wait for: `freeDependents` may move those on. The sweep would too, later. */
  readonly frees?: (ticketIds: readonly number[]) => void;
}

/** `already`: our own earlier resolve landed and its answer was lost. `lost`: the ticket is not ours any more. */
export type Verdict = 'ok' | 'already' | 'lost';

/**
 * Each lease goes only if ticket, fence and session match; everything else hangs on the row that went. The whole batch
 * travels as one parameter, since that costs least on both sides. The session is compared in a way that no index serves:
 * rows are found by their keys, and not among all that the session holds.
 */
const endStatement = `
  with ending as materialized (
    select * from json_to_recordset($4::json) as e(t bigint, f bigint, resolution text, summary text, result jsonb,
      class text, why text, tier text, tokens bigint, cost bigint, tried int, failed int, secs float8, last boolean,
      type text, version int, actor text, correlation text, causation uuid, event uuid, body text)),
  ended as (
    delete from kora.ticket_lease l using ending e
    where l.workspace_id = $1 and l.session_id is not distinct from $2::uuid and l.ticket_id = any($5::bigint[])
      and l.ticket_id = e.t and l.fence = e.f
    returning l.*, e.*),
  outcome as (
    insert into kora.ticket_outcome (workspace_id, ticket_id, fence, session_id, runtime_id, resolution, summary, result,
      failure_class, failure_reason, model_tier, tokens, cost_micro_usd, attempts, failures, assigned_to, claimed_at)
    select workspace_id, ticket_id, fence, session_id, $3, resolution, summary, result, class, why, tier, tokens, cost,
      tried, failed, assigned_to, claimed_at from ended),
  back as (
    insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
      critical, fence, attempts, epoch, failures, status, reason, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority,
      clock_timestamp() + make_interval(secs => secs), critical, fence, tried, epoch, failed, resolution,
      coalesce(why, summary), deferred_at
    from ended where resolution in ('released', 'failed_retryable')),
  parked as (
    insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
      fence, attempts, epoch, failures, reason, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, resolution, fence, tried, epoch,
      failed, coalesce(why, summary),
      case when resolution = 'deferred_cost_limit' then clock_timestamp() else deferred_at end
    from ended where resolution in ('blocked_needs_operator', 'deferred_cost_limit')),
  staged as (${stageFragment({
    type: { typeSql: 'type', versionSql: 'version' },
    from: 'ended',
    workspace: '$1',
    runtime: '$3',
    session: '$2',
    actor: 'actor',
    correlation: 'correlation',
    causation: 'causation',
    ticket: 'ticket_id',
    fence: 'fence',
    id: 'event',
    payload: 'body',
  })}),
  ceiling as (${ceilingFragment({
    from: 'ended',
    where: 'last',
    workspace: '$1',
    ticket: 'ticket_id',
    fence: 'fence',
    epoch: 'epoch',
    attempts: 'tried',
  })}),
  closed as materialized (${closeAccounts({
    from: 'ended',
    workspace: '$1',
    actor: `'kora'`,
    ticket: 'ticket_id',
    fence: 'fence',
    budget: 'budget_micro_usd',
  })})
  select ticket_id as "ticketId", resolution in ('completed', 'failed_terminal') and exists (
    select from kora.ticket_dependency d where d.workspace_id = $1 and d.needs_ticket_id = ended.ticket_id) as frees
  from ended cross join closed`;

/** Asked in a statement of its own: one that waited for our own first try would not see what that one wrote. */
const oursStatement = `
  select o.ticket_id as "ticketId"
  from unnest($3::bigint[], $4::bigint[]) as asked(ticket_id, fence)
  join kora.ticket_outcome o on o.workspace_id = $1 and o.ticket_id = asked.ticket_id and o.fence = asked.fence
  where o.session_id = $2 and o.resolution not in ('expired', 'cancelled')`;

/**
 * Ends attempts under their fences, in one statement; a verdict for each, in order. What is not ours any more changes
 * nothing and hinders no other. One ticket stands in a batch at most once. Outside a transaction the batch is its own.
 */
export async function resolveBatch(
  db: Queryable,
  context: ResolveContext,
  endings: readonly Ending[],
): Promise<Verdict[]> {
  const { verdicts, frees } = await end(db, context, endings);
  if (verdicts.includes('ok')) context.staged();
  if (frees.length > 0) context.frees?.(frees);
  return verdicts;
}

/**
 * Ends an attempt under its fence, in the caller's transaction: consequences may follow only after `ok`, and come of the
 * event that `context.uuid` named.
 */
export function resolveTicket(
  tx: Transaction,
  context: ResolveContext,
  claim: EndedClaim,
  result: TicketResult,
): Promise<Verdict> {
  return endOne(tx, context, endingOf(context, claim, result, { eventId: context.uuid() }));
}

/** Gives a ticket back without a result: the attempt does not count, the fence stays. */
export function releaseTicket(
  tx: Transaction,
  context: ResolveContext,
  claim: EndedClaim,
  reason: string,
): Promise<Verdict> {
  return endOne(tx, context, givenBack(context, claim, reason));
}

async function endOne(tx: Transaction, context: ResolveContext, ending: Ending): Promise<Verdict> {
  const { verdicts, frees } = await end(tx, context, [ending]);
  if (verdicts[0] === 'ok') tx.afterCommit(context.staged);
  if (frees.length > 0) tx.afterCommit(() => context.frees?.(frees));
  return verdicts[0] ?? 'lost';
}

interface Ended {
  readonly verdicts: Verdict[];
  readonly frees: number[];
}

async function end(db: Queryable, context: ResolveContext, endings: readonly Ending[]): Promise<Ended> {
  if (endings.length === 0) return { verdicts: [], frees: [] };
  const { workspaceId, sessionId, runtimeId } = context;
  // In one order everywhere, so that two who end the same tickets at once wait and never lock each other out.
  const ordered = endings.toSorted((a, b) => a.claim.ticketId - b.claim.ticketId);
  const rows = await db.query<{ ticketId: number; frees: boolean }>(
    endStatement,
    [workspaceId, sessionId, runtimeId, batchOf(ordered), ordered.map(({ claim }) => claim.ticketId)],
    { name: 'ticket_end' },
  );
  const ended = new Set(rows.map(({ ticketId }) => ticketId));
  const others = endings.filter(({ claim }) => !ended.has(claim.ticketId)).map(({ claim }) => claim);
  const ours = others.length === 0 ? new Set<number>() : await alreadyEnded(db, context, others);
  return {
    verdicts: endings.map(({ claim: { ticketId } }) =>
      ended.has(ticketId) ? 'ok' : ours.has(ticketId) ? 'already' : 'lost',
    ),
    frees: rows.filter(({ frees }) => frees).map(({ ticketId }) => ticketId),
  };
}

async function alreadyEnded(
  db: Queryable,
  { workspaceId, sessionId }: ResolveContext,
  claims: readonly ClaimKey[],
): Promise<Set<number>> {
  const rows = await db.query<{ ticketId: number }>(oursStatement, [
    workspaceId,
    sessionId,
    claims.map(({ ticketId }) => ticketId),
    claims.map(({ fence }) => fence),
  ]);
  return new Set(rows.map(({ ticketId }) => ticketId));
}

function batchOf(endings: readonly Ending[]): string {
  const rows = endings.map((ending) => {
    const { claim, event, result } = ending;
    const row = JSON.stringify({
      t: claim.ticketId,
      f: claim.fence,
      resolution: ending.resolution,
      summary: ending.summary,
      class: ending.failureClass ?? undefined,
      why: ending.failureReason ?? undefined,
      tier: ending.modelTier ?? undefined,
      tokens: ending.tokens ?? undefined,
      cost: ending.costMicroUsd ?? undefined,
      tried: ending.attempts,
      failed: ending.failures,
      secs: ending.delayMs / 1_000,
      last: ending.ceiling || undefined,
      type: event.type,
      version: event.version,
      actor: event.actor,
      correlation: event.correlation ?? undefined,
      causation: event.causation ?? undefined,
      event: event.id ?? undefined,
      body: event.body,
    });
    // The result is JSON already.
    return result === null ? row : `${row.slice(0, -1)},"result":${result}}`;
  });
  return `[${rows.join(',')}]`;
}
