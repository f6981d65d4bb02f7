import { expect, it } from 'vitest';
import { createTypedAhead } from './typed-ahead.ts';

const press = (key: string, at: number, ctrlKey = false) => ({
  key,
  at,
  ctrlKey,
  metaKey: false,
  altKey: false,
});

it('keeps what is typed until the field is there, and nothing before and after', () => {
  const ahead = createTypedAhead();
  expect(ahead.takes(press('a', 0))).toBe(false);
  ahead.begin(10);
  expect(['g', 'o', 'x', 'Backspace'].map((key) => ahead.takes(press(key, 20)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(ahead.takes(press('c', 21, true))).toBe(false);
  expect(ahead.takes(press('Tab', 22))).toBe(false);
  expect(ahead.take()).toBe('go');
  expect(ahead.take()).toBe('');
  expect(ahead.takes(press('a', 23))).toBe(false);
});

it('gives the keys back where no field comes, and with Escape', () => {
  const ahead = createTypedAhead();
  ahead.begin(0);
  expect(ahead.takes(press('a', 5_001))).toBe(false);
  expect(ahead.take()).toBe('');
  ahead.begin(6_000);
  expect(ahead.takes(press('Escape', 6_001))).toBe(false);
  expect(ahead.takes(press('a', 6_002))).toBe(false);
});
