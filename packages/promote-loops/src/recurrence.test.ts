import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, recurrences } from './recurrence.ts';
import type { Occurrence } from './recurrence.ts';

const occurrence = fc
  .record({
    at: fc.integer({ min: 0, max: 1_000 }),
    probe: fc.constantFrom('shop', 'db'),
    target: fc.constantFrom('a', 'b'),
    category: fc.constantFrom('unreachable', 'latency'),
    durationMs: fc.nat(100_000),
  })
  .map((given) => ({ ...given, seq: 0, incidentId: 0 }));
const history = fc
  .array(occurrence, { maxLength: 60 })
  .map((list): Occurrence[] =>
    list.map((each, index) => ({ ...each, seq: index + 1, incidentId: index + 1 })),
  );

const keyOf = ({ probe, target, category }: Pick<Occurrence, 'probe' | 'target' | 'category'>): string =>
  [probe, target, category].join();

describe('what recurs', () => {
  it('is every fault that happened often enough in the window, and no other', () => {
    fc.assert(
      fc.property(
        history,
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 2, max: 6 }),
        (list, since, atLeast) => {
          const found = recurrences(list, { since, atLeast });
          const counts = new Map<string, number>();
          for (const each of list)
            if (each.at >= since) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
          const often = [...counts].filter(([, count]) => count >= atLeast);
          expect(new Map(found.map((each) => [keyOf(each), each.occurrences.length]))).toEqual(
            new Map(often),
          );
        },
      ),
    );
  });

  it('rests on events of that fault, oldest first, with a median between the shortest and the longest', () => {
    fc.assert(
      fc.property(history, (list) => {
        for (const found of recurrences(list, { since: 0, atLeast: 2 })) {
          const seqs = found.occurrences.map(({ seq }) => seq);
          expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
          expect(found.occurrences.every((each) => keyOf(each) === keyOf(found))).toBe(true);
          const durations = found.occurrences.map(({ durationMs }) => durationMs);
          expect(found.medianDurationMs).toBeGreaterThanOrEqual(Math.min(...durations));
          expect(found.medianDurationMs).toBeLessThanOrEqual(Math.max(...durations));
          const below = durations.filter((duration) => duration < found.medianDurationMs).length;
          expect(below).toBeLessThanOrEqual(durations.length / 2);
        }
      }),
    );
  });
});

it('counts an incident that was reopened once, by its last resolution', () => {
  const fault = { probe: 'shop', target: 'a', category: 'unreachable' };
  const list: Occurrence[] = [
    { ...fault, seq: 9, at: 900, incidentId: 1, durationMs: 800 },
    { ...fault, seq: 3, at: 300, incidentId: 1, durationMs: 200 },
    { ...fault, seq: 7, at: 700, incidentId: 2, durationMs: 400 },
  ];
  expect(recurrences(list, { since: 0, atLeast: 3 })).toEqual([]);
  expect(recurrences(list, { since: 0, atLeast: 2 })).toMatchObject([
    { occurrences: [{ seq: 7 }, { seq: 9 }], medianDurationMs: 600 },
  ]);
});

describe('a fingerprint', () => {
  it('does not change between releases', () => {
    const fault = { probe: 'shop', target: 'http://127.0.0.1:4100/health', category: 'unreachable' };
    expect(fingerprintOf('promote_probe_fix_envelopes', fault)).toBe(
      'b09173b634b4111c433c606b43abe3d2df3b653448f5246ff7ce500924fe3690',
    );
  });

  it('is another for another fault, however its parts are cut', () => {
    const prints = [
      fingerprintOf('loop', { probe: 'a', target: 'bc', category: 'd' }),
      fingerprintOf('loop', { probe: 'ab', target: 'c', category: 'd' }),
      fingerprintOf('loop', { probe: 'a', target: 'b', category: 'cd' }),
      fingerprintOf('other', { probe: 'a', target: 'bc', category: 'd' }),
      fingerprintOf('loop', { probe: 'a","bc', target: '', category: 'd' }),
    ];
    expect(new Set(prints).size).toBe(prints.length);
  });
});
