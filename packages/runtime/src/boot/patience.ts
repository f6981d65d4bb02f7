import type { GateFacts } from './gate.ts';

/** Before the second to the fifth try. */
const retryWaitsMs = [2_000, 4_000, 8_000, 16_000];
/** A store that is away is asked again after this, for as long as it takes. */
export const unavailableWaitMs = 2_000;
/** How long a store may take to say that it is there, once a gate has hung. */
export const storeLookMs = 2_000;

/** Milliseconds before the next try; undefined when the tries are spent. */
export function retryWaitMs(tries: number): number | undefined {
  return retryWaitsMs[tries - 1];
}

/** Whether this answer is not asked for again. A pausing gate that could not look looks again; its no is a no. */
export function isFinal({ gateClass }: GateFacts, isNo: boolean): boolean {
  return gateClass === 'invariant' || (gateClass === 'invariant_pause' && isNo);
}

/**
 * The longest that these gates can take while the store answers, in milliseconds: every try up to its deadline (and the
 * look at the store that follows a hang), and every wait. Waiting for a store that is away comes on top, without end.
 */
export function budgetMs(gates: readonly GateFacts[]): number {
  const waits = retryWaitsMs.reduce((sum, ms) => sum + ms, 0);
  return gates.reduce((sum, { gateClass, deadlineMs }) => {
    const isTriedOnce = gateClass === 'invariant';
    const tries = isTriedOnce ? 1 : retryWaitsMs.length + 1;
    return sum + tries * (deadlineMs + storeLookMs) + (isTriedOnce ? 0 : waits);
  }, 0);
}
