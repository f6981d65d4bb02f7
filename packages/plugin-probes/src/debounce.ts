import type { ProbeCategory, Severity } from '@kora/runtime/plugin';

/** What of a wake decides whether it is investigated. */
export interface WakeMark {
  readonly wakeId: string;
  readonly seq: number;
  readonly probe: string;
  readonly target: string;
  readonly category: ProbeCategory;
  readonly severity: Severity;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Spares the investigation of a thing that was investigated a moment ago. The verdict on a wake depends only on the
 * wakes before it on the chain: the memory can be rebuilt from them, and a wake that is delivered twice gets the
 * verdict it had the first time.
 */
export class Debounce {
  readonly #windowMs: number;
  readonly #last = new Map<string, WakeMark>();
  readonly #verdicts = new Map<string, boolean>();

  /** A window of 0 lets everything through. */
  constructor(windowSeconds: number) {
    this.#windowMs = windowSeconds * 1000;
  }

  /** Takes in past wakes, in any order. */
  rebuild(wakes: readonly WakeMark[]): void {
    for (const wake of wakes.toSorted((one, other) => one.seq - other.seq)) this.investigates(wake);
  }

  /** Whether this wake is worth an investigation. */
  investigates(wake: WakeMark): boolean {
    const earlier = this.#verdicts.get(wake.wakeId);
    if (earlier !== undefined) return earlier;
    const key = JSON.stringify([wake.probe, wake.target, wake.category]);
    const last = this.#last.get(key);
    const verdict = last === undefined || this.#windowMs === 0 || wake.at - last.at >= this.#windowMs;
    if (verdict) this.#last.set(key, wake);
    this.#verdicts.set(wake.wakeId, verdict);
    this.#forget();
    return verdict;
  }

  /** Verdicts are kept for redelivery, which comes within seconds; the oldest go first. */
  #forget(): void {
    const kept = 2_000;
    for (const wakeId of this.#verdicts.keys()) {
      if (this.#verdicts.size <= kept) return;
      this.#verdicts.delete(wakeId);
    }
  }
}
