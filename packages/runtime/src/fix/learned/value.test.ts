import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixModes } from '../contract.ts';
import { envelopeValue, fitted } from './value.ts';

const base = { mode: 'off', limits: { perTargetPerHour: 2 }, capability: 'cap_restart' } as const;

test.each([
  ['asking first', {}, { mode: 'approve' }, 'high', { mode: 'approve', risk: 'low', refusal: null }],
  [
    'by itself, low risk',
    { mode: 'approve' },
    { mode: 'auto' },
    'low',
    { mode: 'auto', risk: 'high', refusal: null },
  ],
  ['by itself, high risk', {}, { mode: 'auto' }, 'high', { mode: 'off', refusal: /low risk/ }],
  ['by itself, unknown risk', {}, { mode: 'auto' }, undefined, { mode: 'off', refusal: /no matrix/ }],
  ['fewer', {}, { perTargetPerHour: 1 }, 'high', { perTargetPerHour: 1, risk: 'low', refusal: null }],
  ['more', {}, { perTargetPerHour: 9 }, 'high', { perTargetPerHour: 9, risk: 'high', refusal: null }],
  [
    'less than it is',
    { mode: 'auto' },
    { mode: 'approve' },
    'low',
    { mode: 'auto', refusal: /takes nothing back/ },
  ],
  [
    'what it is',
    { mode: 'approve' },
    { mode: 'approve', perTargetPerHour: 2 },
    'low',
    { refusal: /already/ },
  ],
  [
    'against the operator',
    { written: ['mode'] },
    { mode: 'approve' },
    'low',
    { mode: 'off', refusal: /operator wrote/ },
  ],
  [
    'beside the operator',
    { written: ['mode'], mode: 'approve' },
    { mode: 'approve', perTargetPerHour: 1 },
    'low',
    { mode: 'approve', perTargetPerHour: 1, refusal: null },
  ],
] as const)('an envelope that is learned %s', (_what, over, value, risk, wanted) => {
  const { refusal, ...rest } = wanted;
  const fit = fitted({ ...base, ...over }, value, risk);
  expect(fit).toMatchObject(rest);
  expect(fit.refusal ?? 'none').toMatch(refusal ?? /^none$/);
});

test('whatever is learned: auto is only of low risk, what the operator wrote stands, and a refused value changes nothing', () => {
  const written = fc.subarray(['mode', 'perTargetPerHour'] as const);
  const bound = fc.integer({ min: 1, max: 60 });
  const value = fc.record(
    { mode: fc.constantFrom('approve', 'auto'), perTargetPerHour: bound },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...fixModes),
      bound,
      written,
      value,
      fc.constantFrom('low', 'high'),
      (mode, limit, own, given, risk) => {
        const envelope = { ...base, mode, limits: { perTargetPerHour: limit }, written: own };
        const fit = fitted(envelope, given, risk);
        const [isAuto, isMore] = [fit.mode === 'auto' && mode !== 'auto', fit.perTargetPerHour > limit];
        expect(!isAuto || risk === 'low').toBe(true);
        expect(!(isAuto || isMore) || fit.risk === 'high').toBe(true);
        expect(fixModes.indexOf(fit.mode)).toBeGreaterThanOrEqual(fixModes.indexOf(mode));
        expect(!own.includes('mode') || fit.mode === mode).toBe(true);
        expect(!own.includes('perTargetPerHour') || fit.perTargetPerHour === limit).toBe(true);
        expect(fit.refusal === null || (fit.mode === mode && fit.perTargetPerHour === limit)).toBe(true);
      },
    ),
  );
});

test.each([
  {},
  { mode: 'off' },
  { perTargetPerHour: 0 },
  { perTargetPerHour: 61 },
  { mode: 'auto', verifyMs: 1 },
])('%j is no value of an envelope', (value) => {
  expect(envelopeValue.safeParse(value).success).toBe(false);
});
