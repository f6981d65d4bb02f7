import { KoraError, messageOf } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { FailureClass } from '../contract.ts';

/** Failures of its own after which a ticket ends. */
export const failureCeiling = 3;
/** After this many attempts in one epoch of the store a ticket waits for the operator: it may be what kills us. */
export const attemptCeiling = 10;
/** Milliseconds; each wait is between half of its full length and all of it. */
export const firstRetryMs = 60_000;
export const longestRetryMs = 3_600_000;
/** A handler's own wait is not longer than this. */
export const longestWaitMs = 366 * 86_400_000;

/** Whether a failure says something about the ticket, and not about the weather it was worked in. */
export function counts(failure: FailureClass): boolean {
  return failure === 'logical' || failure === 'payload' || failure === 'policy';
}

/** Whether another attempt could only fail the same way. */
export function endsAtOnce(failure: FailureClass): boolean {
  return failure === 'payload' || failure === 'policy';
}

/** The wait after the `nth` try in milliseconds: exponential from one minute to one hour, half of it spread by chance. */
export function retryDelay(nth: number, random: () => number): number {
  const full = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, nth - 1));
  return full / 2 + (full / 2) * random();
}

export interface Classified {
  readonly class: FailureClass;
  readonly reason: string;
  /** How an attempt that ended so is resolved, before its counters have a word. */
  readonly resolution: 'failed_retryable' | 'deferred_cost_limit' | 'blocked_needs_operator';
}

const byCode: Readonly<Record<string, FailureClass>> = {
  KORA_TIMEOUT: 'timeout',
  KORA_COMMIT_REFUSED: 'store',
  KORA_SPEND_NO_POOL: 'budget',
  KORA_OPERATION_UNKNOWN: 'tool',
  KORA_PLUGIN_GONE: 'tool',
};
/** A refusal at the door by its cause. What is not here passes with the state the runtime is in. */
const byCause: Readonly<Record<string, FailureClass>> = {
  cost_hold: 'budget',
  budget_spent: 'budget',
  budget_unknown: 'budget',
  budget_paced: 'budget',
  capability_denied: 'policy',
  capability_unmapped: 'policy',
  approval_refused: 'policy',
  invalid_context: 'logical',
  unknown_door: 'logical',
};
const untilRefresh = new Set(['cost_hold', 'budget_spent']);
/** Bounds of a day: by tomorrow they are met no more, with no money coming. */
const untilTomorrow = new Set(['day', 'route', 'plugin']);
const networkCode = /^(ECONN|ENOTFOUND$|EAI_AGAIN$|EHOST|ENET|EPIPE$|UND_ERR_)/;
const timeoutCode = /^(ETIMEDOUT$|UND_ERR_\w*TIMEOUT$)/;
/** Causes of causes: `fetch failed` says nothing, what caused it does. */
const deepest = 5;

/**
 * What kind of failure a handler's throw is, and how its attempt is resolved. What carries a code is believed; anything
 * else is the ticket's own. An effect of which nobody knows whether it happened is for people.
 */
export function classify(error: unknown): Classified {
  const reason = messageOf(error);
  let at: unknown = error;
  for (let depth = 0; depth < deepest && at !== undefined; depth += 1) {
    const found = classOf(at);
    if (found !== undefined) return { class: found, reason, resolution: resolutionOf(at) };
    at = at instanceof Error ? at.cause : undefined;
  }
  return { class: 'logical', reason, resolution: 'failed_retryable' };
}

function classOf(error: unknown): FailureClass | undefined {
  if (isStoreAway(error)) return 'store';
  if (error instanceof KoraError && error.code === 'KORA_ADMISSION_DENIED')
    return byCause[String(error.details['cause'])] ?? 'tool';
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (Object.hasOwn(byCode, code)) return byCode[code];
  if (timeoutCode.test(code)) return 'timeout';
  return networkCode.test(code) ? 'network' : undefined;
}

function resolutionOf(error: unknown): Classified['resolution'] {
  if (codeOf(error) === 'KORA_OPERATION_UNKNOWN') return 'blocked_needs_operator';
  const refused = error instanceof KoraError && error.code === 'KORA_ADMISSION_DENIED';
  if (
    refused &&
    untilRefresh.has(String(error.details['cause'])) &&
    !untilTomorrow.has(String(error.details['scope']))
  )
    return 'deferred_cost_limit';
  return 'failed_retryable';
}

/** A system's, the HTTP client's or our own. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
