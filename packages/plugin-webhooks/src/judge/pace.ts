interface Bucket {
  tokens: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** Callers that are remembered at once; the one that was quiet for longest is forgotten first. */
const mostKnown = 10_000;

/** So many requests a minute for each caller, and as many at once after a quiet minute. In memory: a restart forgets. */
export class Pace {
  readonly #buckets = new Map<string, Bucket>();

  /** Milliseconds to wait; zero lets it through and counts it. */
  ask(caller: string, perMinute: number, now: number): number {
    const known = this.#buckets.get(caller) ?? { tokens: perMinute, at: now };
    const refilled = known.tokens + (Math.max(0, now - known.at) * perMinute) / 60_000;
    const tokens = Math.min(perMinute, refilled);
    const isIn = tokens >= 1;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens: isIn ? tokens - 1 : tokens, at: now });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > mostKnown && oldest !== undefined) this.#buckets.delete(oldest);
    return isIn ? 0 : Math.ceil(((1 - tokens) * 60_000) / perMinute);
  }
}
