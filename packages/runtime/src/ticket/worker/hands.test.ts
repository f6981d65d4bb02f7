import { expect, test } from 'vitest';
import { claimOf } from '../testing/claim.ts';
import { Hands } from './hands.ts';
import { Hold } from './hold.ts';

function hold(kind = 'test'): Hold {
  return new Hold(claimOf({ kind }), 's', 0);
}

test('there is room for as many as the kind and the runtime allow, whichever is less', () => {
  const hands = new Hands(3);
  expect(hands.room('test', 2)).toBe(2);
  const first = hold();
  hands.begin(first, 0, 1_000);
  hands.begin(hold(), 0, 1_000);
  expect(hands.room('test', 2)).toBe(0);
  expect(hands.room('other', 2)).toBe(1);
  expect(hands.end(first)).toBe(true);
  expect(hands.end(first)).toBe(false);
  expect(hands.room('test', 2)).toBe(1);
  expect(hands.working('test')).toBe(1);
});

test('who made progress is not out of time', () => {
  const hands = new Hands(3);
  const [quiet, busy] = [hold(), hold()];
  hands.begin(quiet, 0, 1_000);
  hands.begin(busy, 0, 1_000);
  busy.deadlineAt = 1_500;
  expect(hands.dueAt).toBe(1_000);
  expect(hands.overdue(999)).toEqual([]);
  expect(hands.overdue(1_000)).toEqual([quiet]);
  expect(hands.dueAt).toBe(1_500);
});
