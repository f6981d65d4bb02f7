import type { Clock } from './contract.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Milliseconds to wait after the nth failure in a row (the first is 0): doubling up to the longest, of which half is
 * drawn, so that many who lost the same thing do not come back in the same instant.
 */
export function backoffMs(clock: Pick<Clock, 'random'>, failures: number, backoff: Backoff): number {
  const whole = Math.min(backoff.longestMs, backoff.firstMs * 2 ** Math.max(0, failures));
  return whole / 2 + (whole / 2) * clock.random();
}
