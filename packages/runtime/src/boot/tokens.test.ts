import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { PluginGates, ServiceTokens } from './index.ts';
import type { BootGateSpec, ServiceTokenAnswer } from './contract.ts';

const never = new AbortController().signal;

test('a service that hangs is given up after five seconds, and delays no other', async () => {
  const clock = new FakeClock();
  const tokens = new ServiceTokens(clock);
  tokens.register({ name: 'mute', check: () => new Promise(() => undefined) }, 'p');
  tokens.register({ name: 'good', check: async () => ({ state: 'ok', detail: 'hello' }) }, 'p');
  const looked = tokens.check(never);
  await clock.advance(5_000);
  expect(await looked).toEqual([
    {
      name: 'p.mute',
      state: 'unavailable',
      detail: 'the check of token p.mute did not finish within 5000 ms',
      expiresAt: null,
    },
    { name: 'p.good', state: 'ok', detail: 'hello', expiresAt: null },
  ]);
  expect(clock.sleeping).toBe(0);
});

test.each([
  ['2026-01-07T23:00:00Z', 'expiring'],
  ['2026-01-08T01:00:00Z', 'ok'],
  ['no date', 'ok'],
] as const)('a token that ends at %s is %s on the first of January', async (expiresAt, state) => {
  const tokens = new ServiceTokens(new FakeClock());
  tokens.register({ name: 'a', check: async () => ({ state: 'ok', detail: '', expiresAt }) }, 'p');
  expect(await tokens.check(never)).toMatchObject([{ state }]);
});

test('a name stands for one token, and is free again when it was taken back', async () => {
  const tokens = new ServiceTokens(new FakeClock());
  const check = async (): Promise<ServiceTokenAnswer> => ({ state: 'ok', detail: '' });
  const undo = tokens.register({ name: 'a', check }, 'p');
  expect(() => tokens.register({ name: 'a', check }, 'p')).toThrow('taken');
  tokens.register({ name: 'a', check }, 'q');
  undo();
  expect((await tokens.check(never)).map(({ name }) => name)).toEqual(['q.a']);
  expect(() => tokens.register({ name: '', check }, 'p')).toThrow('or none');
});

const gate: BootGateSpec = {
  gateId: 'mail',
  title: 'Mail',
  gateClass: 'transient',
  run: async () => ({ outcome: 'pass', detail: 'fine' }),
};

test.each<Partial<BootGateSpec>>([
  { gateId: '' },
  { gateId: 'A B' },
  { deadlineMs: 0 },
  { deadlineMs: 60_001 },
])('a gate with %j is refused', (over) => {
  expect(() => new PluginGates().register({ ...gate, ...over }, 'p')).toThrow('boot gate');
});

test('a gate bears its plugin’s name, so that none can pass for the runtime’s own', () => {
  const gates = new PluginGates();
  const undo = gates.register(gate, 'p');
  expect(gates.list()).toMatchObject([{ gateId: 'p.mail', deadlineMs: 10_000, reason: 'dispatch' }]);
  expect(() => gates.register(gate, 'p')).toThrow('taken');
  undo();
  expect(gates.list()).toEqual([]);
});

test('an answer that is none is a throw, and so a no', async () => {
  const gates = new PluginGates();
  const untyped = { outcome: 'maybe', detail: '' } as unknown as Awaited<ReturnType<BootGateSpec['run']>>;
  gates.register({ ...gate, run: () => Promise.resolve(untyped) }, 'p');
  await expect(gates.list()[0]?.run(never)).rejects.toThrow('neither pass, fail nor unavailable');
});
