import type { Measure } from './contract.ts';

const hourMs = 3_600_000;
/** A trial that shows too little goes on until it is so many times as long as it was to be. */
const longest = 3;

export interface TrialTimes {
  /** Milliseconds since 1970. */
  readonly appliedAt: number;
  readonly trialUntil: number;
  readonly trialHours: number;
}

export type TrialStep =
  | { readonly deed: 'wait' }
  | { readonly deed: 'roll_back' }
  | { readonly deed: 'keep'; readonly unclear: boolean }
  | { readonly deed: 'extend'; readonly until: number };

/** What follows from what a trial shows: worse goes back at once, at its end it stays unless too little was seen. */
export function trialStep(verdict: Measure['verdict'], times: TrialTimes, now: number): TrialStep {
  if (verdict === 'worse') return { deed: 'roll_back' };
  if (now < times.trialUntil) return { deed: 'wait' };
  if (verdict !== 'unclear') return { deed: 'keep', unclear: false };
  const hours = times.trialHours * hourMs;
  const last = times.appliedAt + longest * hours;
  if (times.trialUntil >= last) return { deed: 'keep', unclear: true };
  return { deed: 'extend', until: Math.min(last, times.trialUntil + hours) };
}

/** Whether it is time to look: once an hour, and at the end. */
export function isLookDue(
  { appliedAt, trialUntil }: TrialTimes,
  measuredAt: number | null,
  now: number,
): boolean {
  const last = measuredAt ?? appliedAt;
  return now - last >= hourMs || (now >= trialUntil && last < trialUntil);
}
