import type { Turn } from './share.ts';

/** One-sided, at 95 %. */
const z = 1.645;

/** Mean and spread of figures that are not kept. */
export class Tally {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count += 1;
    const off = value - this.#mean;
    this.#mean += off / this.#count;
    this.#squares += off * (value - this.#mean);
  }

  get count(): number {
    return this.#count;
  }

  /** Null of nothing. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#mean;
  }

  get sum(): number {
    return this.#mean * this.#count;
  }

  /** Of the mean; as wide as can be of one figure alone. */
  get error(): number {
    if (this.#count < 2) return Number.POSITIVE_INFINITY;
    return Math.sqrt(this.#squares / (this.#count - 1) / this.#count);
  }
}

/** Whether a mean really moved (one-sided 95 %), and by more than a share of what it was. */
export function movedMean(before: Tally, since: Tally, byMoreThan = 0): Turn {
  if (before.mean === null || since.mean === null) return 'same';
  const off = since.mean - before.mean;
  const spread = Math.hypot(before.error, since.error);
  if (!Number.isFinite(spread)) return 'same';
  const least = Math.abs(before.mean) * byMoreThan;
  if (off - z * spread > least) return 'up';
  return -off - z * spread > least ? 'down' : 'same';
}
