const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const windowMs = 600_000;
const mostCrashes = 5;

/**
 * When something died, and what follows: a pause, or, at five deaths in ten minutes, the end. Pauses double from 1 s to
 * 60 s as long as no ten minutes pass without a death, so that what dies every few minutes is not started again at once.
 */
export class Crashes {
  #at: readonly number[] = [];
  #streak = 0;

  /** Deaths in the last ten minutes. */
  recent(nowMs: number): number {
    return this.#at.filter((at) => nowMs - at < windowMs).length;
  }

  /** Notes a death; answers the milliseconds to wait before the next start. */
  note(nowMs: number): number | 'quarantine' {
    this.#at = [...this.#at.filter((at) => nowMs - at < windowMs), nowMs];
    this.#streak = this.#at.length === 1 ? 1 : this.#streak + 1;
    if (this.#at.length >= mostCrashes) return 'quarantine';
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#streak - 1));
  }

  /** Somebody looked at it: it begins anew. */
  forget(): void {
    this.#at = [];
    this.#streak = 0;
  }
}
