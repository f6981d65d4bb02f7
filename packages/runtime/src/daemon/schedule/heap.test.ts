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

test('law: whatever is put, moved and taken out, what is due comes out in order and nothing else does', () => {
  fc.assert(
    fc.property(moves, (sequence) => {
      const heap = new DueHeap<Item>();
      const items = Array.from({ length: 21 }, (_, n): Item => ({ n, at: 0, slot: -1 }));
      const model = new Map<number, number>();
      for (const move of sequence) {
        if (move.does === 'take') {
          const due = [...model].filter(([, at]) => at <= move.until);
          const taken = heap.take(move.until);
          expect(taken.map(({ n }) => n).toSorted()).toEqual(due.map(([n]) => n).toSorted());
          expect(taken.map(({ at }) => at)).toEqual(due.map(([, at]) => at).toSorted((a, b) => a - b));
          for (const [n] of due) model.delete(n);
          continue;
        }
        const item = items[move.n];
        if (item === undefined) continue;
        if (move.does === 'put') {
          heap.put(item, move.at);
          model.set(move.n, move.at);
        } else {
          heap.remove(item);
          model.delete(move.n);
        }
        expect(heap.size).toBe(model.size);
        expect(heap.first()?.at).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        expect(items.filter(({ slot }) => slot >= 0).map(({ n }) => n)).toEqual(
          [...model.keys()].toSorted((a, b) => a - b),
        );
      }
    }),
  );
});
