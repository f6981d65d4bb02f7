import { expect, test } from 'vitest';
import { Intake } from '../../../packages/plugin-probes/src/intake/intake.ts';
import { stormCases } from './cases.ts';
import { judgeStorm, play } from './play.ts';
import type { Decider } from './play.ts';

const cases = stormCases(1);

function shipped(): Decider {
  const intake = new Intake({ debounceSeconds: 600, debounceBypassCritical: false });
  return {
    verdict: (wake, fixes) => intake.verdict(wake, fixes),
    leaderOf: (wakeId) => intake.stormOf(wakeId)?.leader.wakeId ?? null,
  };
}

/** Every wake is a story of its own. */
const eager: Decider = { verdict: () => ({ kind: 'investigate', waitMs: 0 }), leaderOf: () => null };
/** No wake is worth a look. */
const deaf: Decider = { verdict: () => ({ kind: 'debounced' }), leaderOf: () => null };
/** Nobody is in a hurry. */
const patient: Decider = { verdict: () => ({ kind: 'investigate', waitMs: 30_000 }), leaderOf: () => null };

test('the storms of the matrix are all there', () => {
  expect(cases.map(({ id }) => id)).toEqual(['S1', 'S1b', 'S2', 'S3', 'S4', 'S5', 'S6', 'A7']);
});

test.each(cases)('$id: $title', async (storm) => {
  const account = await play(storm, shipped());
  expect(judgeStorm(account, storm.truth)).toEqual([]);
});

test.each([
  ['S1b', 'eager', eager, '40 investigations, not 1'],
  ['S2', 'deaf', deaf, '0 investigations, not 2'],
  ['S5', 'patient', patient, /was not begun at once/],
  ['S6', 'eager', eager, '1 investigations, not 0'],
] as const)('planted: %s with whoever is %s is held against it', async (id, _, decider, fault) => {
  const storm = cases.find((each) => each.id === id);
  if (storm === undefined) throw new Error(`there is no storm ${id}`);
  const faults = judgeStorm(await play(storm, decider), storm.truth);
  expect(faults.join('; ')).toMatch(fault);
});
