/** How the background verification shares the machine with the work that it proves. */
export interface TailPace {
  /** Events that one look goes through at most, while it is paced. */
  readonly lookEvents: number;
  /** From so many events behind on it goes without a pause, until it is nearer. */
  readonly catchUpEvents: number;
}

export const tailPace: TailPace = { lookEvents: 65_536, catchUpEvents: 1_000_000 };

/** Seals come by the hundred a second; one look in a second proves them together. */
const shortestMs = 1_000;
/** Nine parts of pause to one of work: a tenth of the time is the verification's, the rest is the work's. */
const pausePerWork = 9;

/** Milliseconds to rest after a look that took so long and left so many events unproven. */
export function pauseAfter(tookMs: number, behind: number, { catchUpEvents }: TailPace = tailPace): number {
  if (behind > catchUpEvents) return 0;
  return Math.max(shortestMs, tookMs * pausePerWork);
}
