import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busyHouse } from '../stage/house.ts';
import { ticketRow } from '../stage/rows.ts';
import { share } from './share.ts';

describe('sharing', () => {
  it('never changes what is said', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(share(before, after)).toEqual(after);
      }),
    );
  });

  it('gives back the old value when it says the same', () => {
    const { snapshot } = busyHouse();
    expect(share(snapshot, structuredClone(snapshot))).toBe(snapshot);
  });

  it('keeps each row that stayed, wherever it moved', () => {
    const before = [ticketRow({ ticketId: 1 }), ticketRow({ ticketId: 2 })];
    const after = [
      ticketRow({ ticketId: 3 }),
      ticketRow({ ticketId: 1 }),
      ticketRow({ ticketId: 2, attempts: 1 }),
    ];
    const shared = share(before, structuredClone(after));
    expect(shared).toEqual(after);
    expect(shared[1]).toBe(before[0]);
    expect(shared[2]).not.toBe(before[1]);
  });

  it('tells null, absent and -0 apart', () => {
    expect(share({ a: null }, {})).toEqual({});
    expect(Object.keys(share({ a: 1, b: 2 }, { a: 1 } as { a: number; b: number }))).toEqual(['a']);
    expect(Object.is(share(0, -0), -0)).toBe(true);
  });
});
