const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const windowMs = 600_000;
const mostCrashes = 5;

/** When a guest died, and what follows: a pause that doubles from 1 s to 60 s, or, at five in ten minutes, the end. */
export class Crashes {
  readonly #at: number[] = [];

  /** Notes a death; answers the milliseconds to wait before the next start. */
  note(nowMs: number): number | 'quarantine' {
    this.#at.push(nowMs);
    const recent = this.#at.filter((at) => nowMs - at < windowMs).length;
    if (recent >= mostCrashes) return 'quarantine';
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (recent - 1));
  }
}
