import { expect, test } from 'vitest';
import { amongConfigured } from './among-configured.ts';

test.each([
  ['small', ['small', 'large'], 'small'],
  ['standard', ['small', 'large'], 'standard'],
  ['small', ['standard', 'large'], 'standard'],
  ['standard', ['large'], 'large'],
  ['large', ['small'], 'large'],
  ['small', [], 'small'],
] as const)('of %s, with %j configured, the ladder leaves %s', (left, tiers, among) => {
  expect(
    amongConfigured(
      left,
      tiers.map((tier) => ({ tier })),
    ),
  ).toBe(among);
});
