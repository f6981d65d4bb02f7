import { setTimeout as passes } from 'node:timers/promises';
import type { FakeClock } from '@kora/runtime/testkit';

/** Real milliseconds that a run may take for input and output before the test's clock goes on without it. */
const realPatienceMs = 2_000;
const lookMs = 2;
/** Real milliseconds that each step of the test's clock is given to have its effect. */
const stepMs = 6;
const steps = 20;

/** Who sleeps on the test's clock at the plugin's word; deadlines of the house are not among them. */
export class Sleepers {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  async sleep(slept: Promise<boolean>): Promise<boolean> {
    this.#count += 1;
    try {
      return await slept;
    } finally {
      this.#count -= 1;
    }
  }
}

/** A clock that a test moves, and who sleeps on it. */
export interface Time {
  readonly clock: FakeClock;
  readonly sleepers: Sleepers;
}

/**
 * Waits until work has ended, or sleeps on the test's clock, which then has to move first, or has taken too long in real
 * time. Never rejects: what the work throws is its starter's to hear.
 */
export async function untilQuiet(time: Time, sleepersBefore: number, work: Promise<unknown>): Promise<void> {
  const state = followed(work);
  await time.clock.advance(0);
  const most = realPatienceMs / lookMs;
  for (let looks = 0; !state.over && time.sleepers.count <= sleepersBefore && looks < most; looks += 1)
    await passes(lookMs);
}

export interface Limits {
  /** Milliseconds that the test's clock may be moved while something sleeps on it; 0 leaves it where it is. */
  readonly fakeMs: number;
  /** Real milliseconds that may pass. */
  readonly realMs: number;
}

/**
 * Whether work settles, however it ends. The test's clock moves, in steps, only while something of the plugin sleeps on
 * it: one that ran ahead would end what only waits for a disk.
 */
export async function settles(time: Time, work: Promise<unknown>, limits: Limits): Promise<boolean> {
  const { fakeMs, realMs } = limits;
  const state = followed(work);
  const until = performance.now() + realMs;
  let left = steps;
  await time.clock.advance(0);
  while (!state.over && (left > 0 || performance.now() < until)) {
    const moves = fakeMs > 0 && left > 0 && time.sleepers.count > 0;
    await passes(moves ? stepMs : lookMs);
    if (moves && !state.over) await time.clock.advance(fakeMs / steps);
    if (moves || performance.now() >= until) left -= 1;
  }
  return state.over;
}

function followed(work: Promise<unknown>): { readonly over: boolean } {
  const state = { over: false };
  const end = (): void => void (state.over = true);
  work.then(end, end);
  return state;
}
