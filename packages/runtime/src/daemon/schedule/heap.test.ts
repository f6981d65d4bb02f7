import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from './heap.ts';
import type { Waiting } from './heap.ts';

interface Item extends Waiting {
  readonly n: number;
}

const moves = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant('put' as const),
      n: fc.integer({ min: 0, max: 20 }),
      at: fc.integer({ min: 0, max: 50 }),
    }),
    fc.record({ does: fc.constant('remove' as const), n: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ does: fc.constant('take' as const), until: fc.integer({ min: 0, max: 50 }) }),
  ),
);

type Move =
  | { does: 'put'; n: number; at: number }
  | { does: 'remove'; n: number }
  | { does: 'take'; until: number };

/** Does it to both; answers what came out of each. */
function both(
  heap: DueHeap<Item>,
  items: readonly Item[],
  model: Map<number, number>,
  move: Move,
): unknown[][] {
  if (move.does === 'take') {
    const due = [...model].filter(([, at]) => at <= move.until).toSorted(([, a], [, b]) => a - b);
    for (const [n] of due) model.delete(n);
    const taken = heap.take(move.until);
    // Of those that are due in one instant any may be first.
    return [
      [taken.map(({ at }) => at), new Set(taken.map(({ n }) => n))],
      [due.map(([, at]) => at), new Set(due.map(([n]) => n))],
    ];
  }
  const item = items[move.n] ?? assert.fail('an item');
  if (move.does === 'put') heap.put(item, move.at);
  else heap.remove(item);
  if (move.does === 'put') model.set(move.n, move.at);
  else model.delete(move.n);
  return [[], []];
}

test('law: whatever is put, moved and taken out, what is due comes out in order and nothing else does', () => {
  fc.assert(
    fc.property(moves, (sequence) => {
      const heap = new DueHeap<Item>();
      const items = Array.from({ length: 21 }, (_, n): Item => ({ n, at: 0, slot: -1 }));
      const model = new Map<number, number>();
      for (const move of sequence) {
        const [ours, wanted] = both(heap, items, model, move);
        expect(ours).toEqual(wanted);
        expect(heap.size).toBe(model.size);
        expect(heap.first()?.at ?? Infinity).toBe(Math.min(...model.values()));
        expect(new Set(items.filter(({ slot }) => slot >= 0).map(({ n }) => n))).toEqual(
          new Set(model.keys()),
        );
      }
    }),
  );
});
