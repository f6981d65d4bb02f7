import { expect, test } from 'vitest';
import type { FixEnvelope } from './contract.ts';
import { Envelopes } from './envelopes.ts';

const envelope: FixEnvelope = {
  probe: 'shop',
  fixName: 'restart_unit',
  title: 'restarts the unit',
  mode: 'off',
  capability: 'cap_autofix',
  limits: { perTargetPerHour: 2 },
  timeoutMs: 10_000,
  verifyMs: 5_000,
  targets: () => [],
  conditions: () => [],
  observe: () => Promise.resolve({}),
  execute: () => Promise.resolve(),
};

test('a fix of a probe is one plugin’s, and goes with it', () => {
  const envelopes = new Envelopes(() => undefined);
  const undo = envelopes.register(envelope, 'probes');
  envelopes.register({ ...envelope, probe: 'mail' }, 'other');
  expect(() => envelopes.register(envelope, 'other')).toThrow(
    expect.objectContaining({ code: 'KORA_FIX_TAKEN', message: expect.stringContaining('probes') }),
  );
  expect(envelopes.list('shop').map(({ owner }) => owner)).toEqual(['probes']);
  undo();
  undo();
  expect(envelopes.get('shop', 'restart_unit')).toBeUndefined();
  expect(envelopes.list().map(({ envelope: { probe } }) => probe)).toEqual(['mail']);
});

test.each([
  ['a mode that is none', { mode: 'always' }],
  ['no bound', { limits: {} }],
  ['a bound that is none', { limits: { perTargetPerHour: 1_000 } }],
  ['no time to look', { verifyMs: 0 }],
  ['no conditions', { conditions: undefined }],
  ['no way to look at its target', { observe: 'ls' }],
  ['a name with a space', { fixName: 'rm -rf' }],
])('one with %s is refused', (_what, part) => {
  expect(() =>
    new Envelopes(() => undefined).register({ ...envelope, ...part } as unknown as FixEnvelope, 'p'),
  ).toThrow(expect.objectContaining({ code: 'KORA_PLUGIN_INVALID' }));
});
