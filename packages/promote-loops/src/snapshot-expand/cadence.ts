/** Seconds between two readings that a field can have, the cheapest first. */
const cadences = [300, 120, 60, 30] as const;

/** How a value changed from one reading to the next, in time. */
export class Changes {
  #last: { readonly atMs: number; readonly value: unknown } | null = null;
  #pairs = 0;
  #changed = 0;
  #gapMs = 0;

  saw(value: unknown, atMs: number): void {
    const last = this.#last;
    if (last !== null && atMs > last.atMs) {
      this.#pairs += 1;
      this.#gapMs += atMs - last.atMs;
      if (last.value !== value) this.#changed += 1;
    }
    this.#last = { atMs, value };
  }

  get pairs(): number {
    return this.#pairs;
  }

  /**
   * The share of readings that are out of date before the next one, at a cadence: from how often the value was another
   * when it was asked again, and how long that took. Null where it was never asked again.
   */
  staleAt(everyS: number): number | null {
    if (this.#pairs === 0) return null;
    // Half a change more than was seen: a value that stood still for two readings may yet move.
    const changed = (this.#changed + 0.5) / (this.#pairs + 1);
    const gapS = this.#gapMs / this.#pairs / 1_000;
    return 1 - (1 - changed) ** (everyS / gapS);
  }
}

/** The slowest cadence at which the value stays fresh enough; null where none does, or nothing is known. */
export function cadenceFor(changes: Changes, maxStale: number): number | null {
  return cadences.find((everyS) => (changes.staleAt(everyS) ?? 1) <= maxStale) ?? null;
}
