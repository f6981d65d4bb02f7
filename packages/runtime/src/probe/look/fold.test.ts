import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeStatuses } from '../contract.ts';
import type { ProbeStatus } from '../contract.ts';
import { fold } from './fold.ts';
import type { Effect, ProbeMemory } from './fold.ts';

const letters: Record<string, ProbeStatus> = {
  h: 'healthy',
  d: 'degraded',
  u: 'unhealthy',
  r: 'unreachable',
  c: 'unconfigured',
};

/** Folds looks, one a second, opening and closing the incident as the runner does. */
function run(
  looks: readonly ProbeStatus[],
  consecutive: number,
): { effects: Effect[]; memory?: ProbeMemory } {
  const effects: Effect[] = [];
  let memory: ProbeMemory | undefined;
  for (const [second, status] of looks.entries()) {
    const at = new Date(second * 1_000).toISOString();
    const folded = fold(memory, { status, at }, consecutive);
    effects.push(folded.effect);
    memory = folded.memory;
    if (folded.effect === 'open') memory = { ...memory, incidentId: 1 };
    if (folded.effect === 'resolve' || folded.effect === 'unwatched')
      memory = { ...memory, incidentId: null };
  }
  return memory === undefined ? { effects } : { effects, memory };
}

test.each([
  ['h h h', '. . .', 'health is quiet'],
  ['u', '.', 'one bad look wakes nobody'],
  ['u u', '. open', 'two in a row open an incident'],
  ['u h u', '. . .', 'a good look between them starts over'],
  ['u c u', '. . .', 'an unconfigured look between them starts over'],
  ['d r', '. open', 'any kind of bad counts'],
  ['u u u u', '. open lasts lasts', 'it opens once'],
  ['u u h', '. open .', 'one good look is not recovery'],
  ['u u h h', '. open . resolve', 'two are'],
  ['u u h u h h', '. open . lasts . resolve', 'a bad one between them starts over'],
  ['u u h c h h', '. open . . . resolve', 'unconfigured is not recovery'],
  ['u u h h u u', '. open . resolve . open', 'it can open again'],
  ['c c c', '. . .', 'unconfigured never alerts'],
])('%s does %s: %s', (looks, effects) => {
  const statuses = looks.split(' ').map((letter) => letters[letter] ?? 'healthy');
  expect(
    run(statuses, 2)
      .effects.map((effect) => (effect === 'none' ? '.' : effect))
      .join(' '),
  ).toBe(effects);
});

test('what is remembered is what a reader of the whole history would say', () => {
  const looks = fc.array(fc.constantFrom(...probeStatuses), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 4 }), (statuses, consecutive) => {
      const { memory } = run(statuses, consecutive);
      const time = (index: number): string | null =>
        index < 0 ? null : new Date(index * 1_000).toISOString();
      const bad = statuses.map((status) => status !== 'healthy' && status !== 'unconfigured');
      const runOf = (belongs: (index: number) => boolean): number =>
        statuses.length - 1 - statuses.findLastIndex((_, index) => !belongs(index));
      const badInARow = runOf((index) => bad[index] === true);
      expect(memory).toMatchObject({
        status: statuses.at(-1),
        badInARow,
        goodInARow: runOf((index) => statuses[index] === 'healthy'),
        since: time(statuses.length - runOf((index) => statuses[index] === statuses.at(-1))),
        lastGoodAt: time(statuses.lastIndexOf('healthy')),
        failingSince: badInARow === 0 ? null : time(statuses.length - badInARow),
      });
    }),
  );
});

test('an incident opens on the last of so many bad looks and resolves on the last of as many good ones', () => {
  const looks = fc.array(fc.constantFrom(...probeStatuses), { maxLength: 40 });
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 4 }), (statuses, consecutive) => {
      const { effects } = run(statuses, consecutive);
      const turns = effects.flatMap((effect, index) =>
        effect === 'open' || effect === 'resolve' ? [{ effect, index }] : [],
      );
      for (const [n, { effect, index }] of turns.entries()) {
        expect(effect).toBe(n % 2 === 0 ? 'open' : 'resolve');
        const last = statuses.slice(index - consecutive + 1, index + 1);
        expect(last).toHaveLength(consecutive);
        const healthy = last.filter((status) => status === 'healthy').length;
        expect(healthy).toBe(effect === 'open' ? 0 : consecutive);
      }
    }),
  );
});

test('what is open ends after ten minutes without anything to look with, and not before', () => {
  const open = run(['unhealthy', 'unhealthy'], 2).memory;
  const first = fold(open, { status: 'unconfigured', at: '1970-01-01T00:01:00.000Z' }, 2);
  const before = fold(first.memory, { status: 'unconfigured', at: '1970-01-01T00:10:59.999Z' }, 2);
  const after = fold(before.memory, { status: 'unconfigured', at: '1970-01-01T00:11:00.000Z' }, 2);
  expect([first, before, after].map(({ effect }) => effect)).toEqual(['none', 'none', 'unwatched']);
});
