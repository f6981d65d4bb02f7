import type { RunLimits } from '../contract.ts';

const most = { iterations: 5, deadlineMs: 900_000 } as const;

type LimitsWish = { readonly [Name in keyof RunLimits]?: RunLimits[Name] | undefined };

/** The limits of a run, with what was asked for held within what may be. */
export function limitsOf(wish: LimitsWish = {}): RunLimits {
  const { iterations = most.iterations, deadlineMs = 120_000, costMicroUsd = null } = wish;
  return {
    iterations: within(iterations, 1, most.iterations),
    deadlineMs: within(deadlineMs, 1, most.deadlineMs),
    costMicroUsd: costMicroUsd === null ? null : within(costMicroUsd, 0, Number.MAX_SAFE_INTEGER),
  };
}

function within(value: number, least: number, greatest: number): number {
  // What is no number is the strictest.
  return Number.isNaN(value) ? least : Math.min(greatest, Math.max(least, Math.floor(value)));
}
