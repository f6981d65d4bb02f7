import { expect, it } from 'vitest';
import { dollars, parseDollars } from './dollars.ts';

it.each([
  [0, '$0.00'],
  [12.3, '$12.30'],
  [0.01, '$0.01'],
  [0.004_2, '$0.0042'],
  [0.000_001, '$0.000001'],
])('%d reads %s', (usd, text) => {
  expect(dollars(usd)).toBe(text);
});

it.each([
  ['12.34', 12_340_000],
  ['$0.000001', 1],
  ['200', 200_000_000],
  ['0.1', 100_000],
])('%s is %d millionths', (text, micro) => {
  expect(parseDollars(text)).toBe(micro);
});

it.each(['', '-1', '1e3', '1.2345678', '12,34', 'NaN', '.5', '9999999999'])('%j is no amount', (text) => {
  expect(parseDollars(text)).toBeUndefined();
});
