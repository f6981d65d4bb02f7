/** Fewer figures than these have no spread that could be relied on. */
const fewest = 10;

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

/** By how many standard errors a mean is above what it was, or above a higher one; 0 where too few figures were seen. */
export function meanRisenBy(before: Tally, since: Tally, above = 0): number {
  if (before.mean === null || since.mean === null) return 0;
  if (Math.min(before.count, since.count) < fewest) return 0;
  const off = since.mean - before.mean * (1 + above);
  return off === 0 ? 0 : off / Math.hypot(before.error, since.error);
}
