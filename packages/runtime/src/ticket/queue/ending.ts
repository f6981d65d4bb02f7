import { draft, storable } from '../../chain/index.ts';
import type { EventDraft, EventLinks, StagedBody } from '../../chain/index.ts';
import type { FailureClass, TicketResult } from '../contract.ts';
import { claimReleased, ticketResolved } from '../events.ts';
import type { Claim } from './claim.ts';
import { attemptCeiling, counts, endsAtOnce, failureCeiling, longestWaitMs, retryDelay } from './retry.ts';

/** What an attempt's end is known by: nobody else was ever given this fence of this ticket. */
export interface ClaimKey {
  readonly ticketId: number;
  readonly fence: number;
}

/** How one attempt ends, complete: everything that can be wrong with an answer has been found before this is made. */
export interface Ending {
  readonly claim: ClaimKey;
  readonly resolution: TicketResult['resolution'];
  readonly summary: string;
  /** As JSON. */
  readonly result: string | null;
  readonly failureClass: FailureClass | null;
  readonly failureReason: string | null;
  /** Of the ticket from here on. */
  readonly attempts: number;
  readonly failures: number;
  /** Until it may be claimed again, where it may. */
  readonly delayMs: number;
  readonly modelTier: string | null;
  readonly tokens: number | null;
  readonly costMicroUsd: number | null;
  readonly event: StagedBody;
  /** It was tried as often as one epoch allows. */
  readonly ceiling: boolean;
}

/** The part of a claim that its end follows from. */
export type EndedClaim = Pick<
  Claim,
  'ticketId' | 'fence' | 'kind' | 'attempts' | 'failures' | 'correlationId' | 'causationId'
>;

export interface EndingContext {
  /** An event as the chain writes it. */
  readonly prepare: (event: EventDraft) => StagedBody;
  /** In [0, 1): spreads retries. */
  readonly random: () => number;
  /** Attempts in one epoch of the store after which a ticket waits for the operator, default 10. */
  readonly retryCeiling?: number;
}

/**
 * How a handler's answer ends its attempt. A payload or a policy that failed ends the ticket at once, three failures of
 * its own end it too; the weather's are tried again until the epoch's attempts are spent, and then wait for the operator.
 * Throws what the chain throws of a summary or a number that no event may carry.
 */
export function endingOf(
  context: EndingContext,
  claim: EndedClaim,
  result: TicketResult,
  options: { readonly eventId?: string } = {},
): Ending {
  const fate = fateOf(claim, result, context.retryCeiling ?? attemptCeiling);
  const summary = String(storable(result.summary));
  const { modelTier, tokens, costMicroUsd } = result;
  const payload = {
    ticket: claim.ticketId,
    kind: claim.kind,
    fence: claim.fence,
    resolution: fate.resolution,
    attempts: fate.attempts,
    failures: fate.failures,
    failure_class: fate.failureClass ?? undefined,
    model_tier: modelTier,
    tokens,
    cost_micro_usd: costMicroUsd,
    summary,
  };
  const { eventId } = options;
  const event = draft(ticketResolved, payload, linksOf(claim));
  return {
    claim: keyOf(claim),
    resolution: fate.resolution,
    failureClass: fate.failureClass,
    failureReason: fate.failureReason,
    attempts: fate.attempts,
    failures: fate.failures,
    ceiling: fate.ceiling,
    summary,
    result: result.result === undefined ? null : JSON.stringify(storable(result.result)),
    delayMs: delayOf(fate, result, context.random),
    modelTier: modelTier === undefined ? null : String(storable(modelTier)),
    tokens: tokens ?? null,
    costMicroUsd: costMicroUsd ?? null,
    event: context.prepare(eventId === undefined ? event : { ...event, eventId }),
  };
}

/** How a ticket is given back, and what thinking had been done about it by then. */
export interface Return extends Pick<TicketResult, 'modelTier' | 'tokens' | 'costMicroUsd'> {
  readonly delayMs?: number;
  readonly countsAttempt?: boolean;
}

/** A ticket given back without a result: the fence stays, and the attempt does not count unless it is to. */
export function givenBack(
  context: Pick<EndingContext, 'prepare'>,
  claim: EndedClaim,
  reason: string,
  options: Return = {},
): Ending {
  const payload = { ticket: claim.ticketId, fence: claim.fence, reason };
  return {
    claim: keyOf(claim),
    resolution: 'released',
    summary: String(storable(reason)),
    result: null,
    failureClass: null,
    failureReason: null,
    attempts: claim.attempts - (options.countsAttempt === true ? 0 : 1),
    failures: claim.failures,
    delayMs: waitOf(options.delayMs) ?? 0,
    modelTier: options.modelTier === undefined ? null : String(storable(options.modelTier)),
    tokens: countOf(options.tokens),
    costMicroUsd: countOf(options.costMicroUsd),
    event: context.prepare(draft(claimReleased, payload, linksOf(claim))),
    ceiling: false,
  };
}

/** What is no count is left out: a ticket is given back whatever its handler says of it. */
function countOf(given: number | undefined): number | null {
  return Number.isSafeInteger(given) && Number(given) >= 0 ? Number(given) : null;
}

type Fate = Pick<
  Ending,
  'resolution' | 'failureClass' | 'failureReason' | 'attempts' | 'failures' | 'ceiling'
>;

function fateOf(claim: EndedClaim, { resolution, summary, failure }: TicketResult, most: number): Fate {
  const { attempts, failures } = claim;
  if (resolution !== 'failed_retryable' && resolution !== 'failed_terminal') {
    // Money and a word of the handler's are no fault of the ticket: as if it had not been tried.
    const weather = resolution === 'released' || resolution === 'deferred_cost_limit';
    const tried = weather ? attempts - 1 : attempts;
    const failureClass = failure?.class ?? null;
    const failureReason = failure === undefined ? null : text(failure.reason ?? summary);
    return { resolution, failureClass, failureReason, attempts: tried, failures, ceiling: false };
  }
  const failureClass = failure?.class ?? 'logical';
  const failed = failures + (counts(failureClass) ? 1 : 0);
  const over = resolution === 'failed_terminal' || endsAtOnce(failureClass) || failed >= failureCeiling;
  const ceiling = !over && attempts >= most;
  return {
    resolution: over ? 'failed_terminal' : ceiling ? 'blocked_needs_operator' : 'failed_retryable',
    failureClass,
    failureReason: text(failure?.reason ?? summary),
    attempts,
    failures: failed,
    ceiling,
  };
}

/** The wait grows with what is counted: failures of its own, or attempts against the weather. */
function delayOf(
  { failureClass, failures, attempts }: Fate,
  { retryAfterMs }: TicketResult,
  random: () => number,
): number {
  const nth = failureClass === null ? 1 : counts(failureClass) ? failures : attempts;
  return waitOf(retryAfterMs) ?? retryDelay(nth, random);
}

function waitOf(ms: number | undefined): number | undefined {
  if (ms === undefined || Number.isNaN(ms)) return undefined;
  return Math.min(longestWaitMs, Math.max(0, ms));
}

function text(given: string): string {
  return String(storable(given));
}

function keyOf({ ticketId, fence }: EndedClaim): ClaimKey {
  return { ticketId, fence };
}

function linksOf({ ticketId, fence, correlationId, causationId }: EndedClaim): EventLinks {
  return {
    ticketId,
    fence,
    ...(correlationId === null ? {} : { correlationId }),
    ...(causationId === null ? {} : { causationId }),
  };
}
