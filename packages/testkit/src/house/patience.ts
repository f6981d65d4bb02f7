import { setTimeout as passes } from 'node:timers/promises';
import type { FakeClock } from '@kora/runtime/testkit';

/** Real milliseconds that a run may take for input and output before the test's clock goes on without it. */
const realPatienceMs = 2_000;
const lookMs = 2;

/**
 * Waits until work has ended, or sleeps on the test's clock, which then has to move first, or has taken too long in real
 * time. Never rejects: what the work throws is its starter's to hear.
 */
export async function untilQuiet(clock: FakeClock, sleepersBefore: number, work: Promise<unknown>): Promise<void> {
  let over = false;
  const end = (): void => void (over = true);
  work.then(end, end);
  await clock.advance(0);
  const most = realPatienceMs / lookMs;
  for (let looks = 0; !over && clock.sleeping <= sleepersBefore && looks < most; looks += 1) await passes(lookMs);
}

/** Whether a promise settles within real milliseconds, while the test's clock is moved past every sleep below `fakeMs`. */
export async function settles(
  clock: FakeClock,
  work: Promise<unknown>,
  { fakeMs, realMs }: { readonly fakeMs: number; readonly realMs: number },
): Promise<boolean> {
  let over = false;
  const end = (): void => void (over = true);
  work.then(end, end);
  await clock.advance(0);
  const steps = 20;
  for (let step = 0; !over && step < steps; step += 1) await clock.advance(fakeMs / steps);
  for (let looks = 0; !over && looks < realMs / lookMs; looks += 1) await passes(lookMs);
  return over;
}
