import type { Severity } from '@kora/runtime/plugin';

/** What of a wake decides whether it is investigated. */
export interface WakeMark {
  readonly wakeId: string;
  readonly seq: number;
  readonly severity: Severity;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface DebounceOptions<Mark> {
  /** 0 lets everything through. */
  readonly windowSeconds: number;
  /** What counts as the same thing. */
  readonly keyOf: (mark: Mark) => string;
  /** Whether a critical one is never spared. Default false. */
  readonly criticalPasses?: boolean;
}

/**
 * Spares the investigation of a thing that was investigated a moment ago. The verdict on a wake depends only on the
 * wakes before it on the chain: the memory can be rebuilt from them, and a wake that is delivered twice gets the
 * verdict it had the first time.
 */
export class Debounce<Mark extends WakeMark> {
  readonly #options: DebounceOptions<Mark>;
  readonly #last = new Map<string, number>();
  readonly #verdicts = new Map<string, boolean>();

  constructor(options: DebounceOptions<Mark>) {
    this.#options = options;
  }

  /** Takes in past wakes, in any order. */
  rebuild(wakes: readonly Mark[]): void {
    for (const wake of wakes.toSorted((one, other) => one.seq - other.seq)) this.investigates(wake);
  }

  /** Whether this wake is worth an investigation. */
  investigates(wake: Mark): boolean {
    const earlier = this.#verdicts.get(wake.wakeId);
    if (earlier !== undefined) return earlier;
    const { windowSeconds, keyOf, criticalPasses = false } = this.#options;
    const windowMs = windowSeconds * 1000;
    const key = keyOf(wake);
    const last = this.#last.get(key);
    const isFresh = last === undefined || windowMs === 0 || wake.at - last >= windowMs;
    const verdict = isFresh || (criticalPasses && wake.severity === 'critical');
    if (verdict) this.#last.set(key, wake.at);
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
