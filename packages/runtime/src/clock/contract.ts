/**
 * Time, randomness and ids, handed to whatever needs them and never read inside logic: tests pass a fake, and a
 * simulation can replay a run. Deadlines on leases are the database's clock, not this one.
 */
export interface Clock {
  /** Wall time, milliseconds since 1970. Shown and recorded, never subtracted. */
  now(): number;
  /** Milliseconds from an arbitrary start that never go back: for durations and timeouts. */
  monotonic(): number;
  /** Resolves true after `ms`, or false as soon as the signal aborts. Never rejects, so that loops read plainly. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
  /** A uuid of version 7: unique, and ordered by the time it was made. */
  uuid(): string;
  /** A number in [0, 1), for jitter only. */
  random(): number;
}
