import { expect, test } from 'vitest';
import { leapClocks } from '../../../chaos/tickets/clock.ts';
import { cutWires } from '../../../chaos/tickets/cut.ts';
import { freezeHands } from '../../../chaos/tickets/freeze.ts';
import { judgeTickets } from '../../../chaos/tickets/judge.ts';
import { killHands } from '../../../chaos/tickets/kill.ts';
import type { PlantedBug } from '../../../chaos/tickets/planted.ts';
import type { Report, RunOptions } from '../../../chaos/tickets/run.ts';
import { testDatabase } from './store/testing/database.ts';

// Short forms of `pnpm chaos tickets`; the seed repeats what is drawn, not what the machine makes of it.
const seed = 20_261_121;
const timeout = 120_000;
/** Leases that a test can outwait. */
const times = { ttlMs: 3_000, beatMs: 500, retryMs: 100, answerMs: 1_000, marginMs: 500, moveMs: 100 };

async function broken(
  run: (options: RunOptions) => Promise<Report>,
  options: Omit<RunOptions, 'connection' | 'seed'>,
): Promise<{ readonly laws: string[]; readonly met: Report['met'] }> {
  const { connection } = await testDatabase({ empty: true });
  const { facts, met } = await run({ connection, seed, times, ...options });
  expect(facts.outcomes.filter(({ resolution }) => resolution === 'completed')).not.toHaveLength(0);
  return { laws: judgeTickets(facts), met };
}

test('law: killed at any moment, two runtimes lose no ticket, end none twice and repeat no effect that may happen once', {
  timeout,
}, async () => {
  const { laws, met } = await broken(killHands, { count: 8 });
  expect(laws).toEqual([]);
  expect([...met.values()].reduce((sum, n) => sum + n, 0)).toBe(8);
});

test('law: what a frozen worker says past its lease is refused, whoever works its tickets now', {
  timeout,
}, async () => {
  const { laws, met } = await broken(freezeHands, { count: 1, only: 'plain' });
  expect(laws).toEqual([]);
  expect(met.get('late ends refused')).toBeGreaterThan(0);
});

test('law: a network that loses words and answers settles nothing twice, and clocks that leap only move leases', {
  timeout,
}, async () => {
  const [cut, leapt] = await Promise.all([broken(cutWires, { count: 4 }), broken(leapClocks, { count: 7 })]);
  expect(cut.laws).toEqual([]);
  // Where a cut falls is luck: it has to be met, and is looked for until it is.
  let kept = cut.met.get('ends already kept') ?? 0;
  for (let more = 0; kept === 0 && more < 4; more += 1) {
    const again = await broken(cutWires, { count: 4 });
    expect(again.laws).toEqual([]);
    kept = again.met.get('ends already kept') ?? 0;
  }
  expect(kept).toBeGreaterThan(0);
  expect(leapt.laws).toEqual([]);
  expect(leapt.met.get("a worker's wall clock an hour back")).toBe(1);
});

const struck: Readonly<
  Record<Exclude<PlantedBug, 'no-fence-check'>, { finds: RegExp } & Partial<RunOptions>>
> = {
  'reap-keeps-fence': {
    only: 'plain',
    fate: { point: 'work', when: 'before', nth: 2 },
    finds: /was begun 2 times/,
  },
  'reap-forgets': {
    only: 'plain',
    fate: { point: 'claim', when: 'after', nth: 1 },
    finds: /lies in 0 places and has 0 ends/,
  },
  'once-as-idempotent': {
    only: 'once',
    fate: { point: 'effect', when: 'after', nth: 1 },
    finds: /may happen once and happened 2 times/,
  },
  'effect-repeated': {
    only: 'once',
    fate: { point: 'resolve', when: 'before', nth: 1 },
    finds: /may happen once and happened 2 times/,
  },
};

test.each(Object.entries(struck))(
  'the judge finds a planted bug: %s',
  { timeout },
  async (bug, { finds, ...how }) => {
    const planted = bug as PlantedBug;
    const { laws } = await broken(killHands, { count: 2, settleMs: 3_000, planted, ...how });
    expect(laws).toContainEqual(expect.stringMatching(finds));
  },
);
