import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeStatuses } from '../contract.ts';
import type { ProbeStatus } from '../contract.ts';
import { effectOfTurns, flappingTurns, reopenWindowMs, steady, turnsAfter } from './flap.ts';
import type { Turns } from './flap.ts';
import { fold } from './fold.ts';
import type { Effect, ProbeMemory } from './fold.ts';

interface Played {
  readonly effects: readonly Effect[];
  readonly turns: Turns;
}

/** Looks `everyMs` apart, folded as the runner folds them. */
function play(looks: readonly ProbeStatus[], everyMs: number): Played {
  const effects: Effect[] = [];
  let before: (ProbeMemory & Turns) | undefined;
  for (const [index, status] of looks.entries()) {
    const look = { status, at: new Date(index * everyMs).toISOString() };
    const folded = fold(before, look, 2);
    const turns = turnsAfter(before, look);
    const effect = effectOfTurns(folded.effect, folded.memory, turns);
    effects.push(effect);
    const incidentId = effect === 'open' ? 1 : effect === 'resolve' ? null : folded.memory.incidentId;
    before = { ...folded.memory, ...turns, incidentId };
  }
  return { effects, turns: before ?? steady };
}

const backAndForth = (times: number): ProbeStatus[] =>
  Array.from({ length: times }, () => ['unhealthy', 'healthy'] as const).flat();
const count = (effects: readonly Effect[], wanted: Effect): number =>
  effects.filter((effect) => effect === wanted).length;

test('six turns within ten minutes are flapping; five are not, and six over more than that are not', () => {
  expect(play(['healthy', ...backAndForth(3)], 10_000).turns.flappingSince).not.toBeNull();
  expect(play(['healthy', ...backAndForth(2), 'unhealthy'], 10_000).turns.flappingSince).toBeNull();
  expect(play(['healthy', ...backAndForth(3)], 150_000).turns.flappingSince).toBeNull();
});

test('one that flaps opens one incident, also when it never fails twice in a row', () => {
  const { effects } = play(['healthy', ...backAndForth(30)], 10_000);
  expect(count(effects, 'open')).toBe(1);
  expect(count(effects, 'resolve')).toBe(0);
});

test('it ends when there was no turn for ten minutes', () => {
  const quiet = Array.from<ProbeStatus>({ length: reopenWindowMs / 10_000 }).fill('healthy');
  const { effects, turns } = play(['healthy', ...backAndForth(10), ...quiet], 10_000);
  expect(count(effects, 'resolve')).toBe(1);
  expect(effects.at(-1)).toBe('resolve');
  expect(turns).toMatchObject(steady);
});

test('what stays bad is no flapper any more, and goes on as the outage it is', () => {
  const bad = Array.from<ProbeStatus>({ length: 70 }).fill('unreachable');
  const { effects, turns } = play(['healthy', ...backAndForth(5), ...bad], 10_000);
  expect(turns.flappingSince).toBeNull();
  expect(count(effects, 'open')).toBe(1);
  expect(effects.at(-1)).toBe('lasts');
});

test('unconfigured is no turn', () => {
  const looks = Array.from({ length: 20 }, () => ['unconfigured', 'healthy'] as const).flat();
  expect(play(looks, 1_000).turns.flips).toEqual([]);
});

test('between two openings there is a resolution, and while it flaps there is none', () => {
  const looks = fc.array(fc.constantFrom(...probeStatuses), { maxLength: 80 });
  fc.assert(
    fc.property(looks, fc.integer({ min: 1_000, max: 200_000 }), (statuses, everyMs) => {
      const { effects } = play(statuses, everyMs);
      const ends = effects.filter((effect) => effect === 'open' || effect === 'resolve');
      for (const [n, effect] of ends.entries()) expect(effect).toBe(n % 2 === 0 ? 'open' : 'resolve');
      const kept = play(statuses, everyMs).turns.flips.map((at) => Date.parse(at));
      expect(kept).toEqual(kept.toSorted((a, b) => a - b));
      const { flappingSince } = play(statuses, everyMs).turns;
      expect(flappingSince !== null || kept.length < flappingTurns).toBe(true);
    }),
  );
});
