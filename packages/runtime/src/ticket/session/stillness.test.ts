import { expect, test } from 'vitest';
import { Stillness } from './stillness.ts';

test('a main thread that does not move stands still for as long as it was looked at', () => {
  const stillness = new Stillness(500);
  expect([0, 500, 1_000, 1_700].map((now) => stillness.look(now, 7n))).toEqual([0, 500, 1_000, 1_700]);
});

test('one move, and it counts from there', () => {
  const stillness = new Stillness(500);
  stillness.look(0, 1n);
  expect(stillness.look(1_500, 1n)).toBe(1_500);
  expect(stillness.look(2_000, 2n)).toBe(0);
  expect(stillness.look(2_500, 2n)).toBe(500);
});

test('time in which the whole process was frozen is nobody’s fault', () => {
  const stillness = new Stillness(500);
  stillness.look(0, 1n);
  expect(stillness.look(60_000, 1n)).toBe(500);
});
