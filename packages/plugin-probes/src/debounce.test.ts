import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Debounce } from './debounce.ts';
import type { WakeMark } from './debounce.ts';

const mark = (seq: number, seconds: number, given: Partial<WakeMark> = {}): WakeMark => ({
  wakeId: `wake-${seq}`,
  seq,
  probe: 'shop',
  target: 'http://shop/',
  category: 'unreachable',
  severity: 'critical',
  at: seconds * 1000,
  ...given,
});

describe('debounce', () => {
  it('spares an investigation within the window of the last one, not of the last wake', () => {
    const debounce = new Debounce(600);
    expect(debounce.investigates(mark(1, 0))).toBe(true);
    expect(debounce.investigates(mark(2, 500))).toBe(false);
    expect(debounce.investigates(mark(3, 700))).toBe(true);
  });

  it('keeps probes, targets and categories apart', () => {
    const debounce = new Debounce(600);
    debounce.investigates(mark(1, 0));
    expect(debounce.investigates(mark(2, 1, { probe: 'db' }))).toBe(true);
    expect(debounce.investigates(mark(3, 1, { target: 'http://other/' }))).toBe(true);
    expect(debounce.investigates(mark(4, 1, { category: 'latency' }))).toBe(true);
  });

  it('lets everything through at 0 seconds', () => {
    const debounce = new Debounce(0);
    expect([mark(1, 5), mark(2, 5), mark(3, 4)].map((wake) => debounce.investigates(wake))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('gives a redelivered wake its first verdict', () => {
    const debounce = new Debounce(600);
    const [first, second] = [mark(1, 0), mark(2, 10)];
    const verdicts = [first, second, first, second].map((wake) => debounce.investigates(wake));
    expect(verdicts).toEqual([true, false, true, false]);
  });

  it('says after a restart at any point what it would have said without one', () => {
    const chain = fc
      .array(fc.record({ gap: fc.integer({ min: 0, max: 900 }), probe: fc.constantFrom('shop', 'db') }), {
        minLength: 1,
      })
      .map((steps) => {
        let seconds = 0;
        return steps.map(({ gap, probe }, index) => mark(index + 1, (seconds += gap), { probe }));
      });
    fc.assert(
      fc.property(chain, fc.nat(), (wakes, seed) => {
        const steady = new Debounce(600);
        const expected = wakes.map((wake) => steady.investigates(wake));
        const cut = seed % wakes.length;
        const restarted = new Debounce(600);
        // The chain read back holds all wakes, also those the cursor has yet to reach, and newest first.
        restarted.rebuild(wakes.toReversed());
        expect(wakes.slice(cut).map((wake) => restarted.investigates(wake))).toEqual(expected.slice(cut));
      }),
    );
  });
});
