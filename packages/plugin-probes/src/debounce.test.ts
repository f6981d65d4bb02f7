import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Debounce } from './debounce.ts';
import type { DebounceOptions, WakeMark } from './debounce.ts';

interface Mark extends WakeMark {
  readonly thing: string;
}

const mark = (seq: number, seconds: number, given: Partial<Mark> = {}): Mark => ({
  wakeId: `wake-${seq}`,
  seq,
  thing: 'shop',
  severity: 'warning',
  at: seconds * 1000,
  ...given,
});

const debounceOf = (given: Partial<DebounceOptions<Mark>> = {}): Debounce<Mark> =>
  new Debounce({ windowSeconds: 600, keyOf: ({ thing }) => thing, ...given });

describe('debounce', () => {
  it('spares an investigation within the window of the last one, not of the last wake', () => {
    const debounce = debounceOf();
    expect(debounce.investigates(mark(1, 0))).toBe(true);
    expect(debounce.investigates(mark(2, 500))).toBe(false);
    expect(debounce.investigates(mark(3, 700))).toBe(true);
  });

  it('keeps things apart', () => {
    const debounce = debounceOf();
    debounce.investigates(mark(1, 0));
    expect(debounce.investigates(mark(2, 1, { thing: 'db' }))).toBe(true);
  });

  it('lets everything through at 0 seconds', () => {
    const debounce = debounceOf({ windowSeconds: 0 });
    const verdicts = [mark(1, 5), mark(2, 5), mark(3, 4)].map((wake) => debounce.investigates(wake));
    expect(verdicts).toEqual([true, true, true]);
  });

  it.each([
    [true, 'critical', true],
    [true, 'warning', false],
    [false, 'critical', false],
  ] as const)('with criticalPasses %s, a second one that is %s: %s', (criticalPasses, severity, verdict) => {
    const debounce = debounceOf({ criticalPasses });
    debounce.investigates(mark(1, 0));
    expect(debounce.investigates(mark(2, 10, { severity }))).toBe(verdict);
  });

  it('gives a redelivered wake its first verdict', () => {
    const debounce = debounceOf();
    const [first, second] = [mark(1, 0), mark(2, 10)];
    const verdicts = [first, second, first, second].map((wake) => debounce.investigates(wake));
    expect(verdicts).toEqual([true, false, true, false]);
  });

  it('says after a restart at any point what it would have said without one', () => {
    const chain = fc
      .array(fc.record({ gap: fc.integer({ min: 0, max: 900 }), thing: fc.constantFrom('shop', 'db') }), {
        minLength: 1,
      })
      .map((steps) => {
        let seconds = 0;
        return steps.map(({ gap, thing }, index) => mark(index + 1, (seconds += gap), { thing }));
      });
    fc.assert(
      fc.property(chain, fc.nat(), (wakes, seed) => {
        const steady = debounceOf();
        const expected = wakes.map((wake) => steady.investigates(wake));
        const cut = seed % wakes.length;
        const restarted = debounceOf();
        // The chain read back holds all wakes, also those the cursor has yet to reach, and newest first.
        restarted.rebuild(wakes.toReversed());
        expect(wakes.slice(cut).map((wake) => restarted.investigates(wake))).toEqual(expected.slice(cut));
      }),
    );
  });
});
