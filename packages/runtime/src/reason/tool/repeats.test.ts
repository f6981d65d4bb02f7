import { expect, test, vi } from 'vitest';
import { claim } from '../../admission/testing/scene.ts';
import { fault } from '../../fault/index.ts';
import { house, reading, toolbox } from './testing/toolbox.ts';
import type { Toolbox } from './testing/toolbox.ts';
import type { ToolSpec } from './contract.ts';

function boxOf(...specs: readonly Partial<ToolSpec>[]): Toolbox {
  const box = toolbox();
  for (const spec of specs) box.tools.registry.register(reading(spec), house);
  box.grants.add('engine cap_read_runtime');
  return box;
}

const statuses = async (box: Toolbox, calls: readonly (readonly [string, object?])[]): Promise<string[]> => {
  const run = await box.run();
  const seen: string[] = [];
  for (const [tool, input] of calls) seen.push((await box.call(run, tool, input)).status);
  return seen;
};

test('no call is made twice in a run; a reading is, once something was done since', async () => {
  const box = boxOf({}, { name: 'write', sideEffects: 'idempotent' });
  expect(
    await statuses(box, [
      ['look'],
      ['look'],
      ['look', { at: 'there' }],
      ['write'],
      ['look'],
      ['look'],
      ['write'],
    ]),
  ).toEqual(['ok', 'repeated', 'ok', 'ok', 'ok', 'repeated', 'repeated']);
});

test('the same names in another order are the same call, and another run is another run', async () => {
  const box = boxOf({});
  expect(
    await statuses(box, [
      ['look', { a: 1, b: 2 }],
      ['look', { b: 2, a: 1 }],
    ]),
  ).toEqual(['ok', 'repeated']);
  expect(await statuses(box, [['look', { a: 1, b: 2 }]])).toEqual(['ok']);
});

test('what failed may be tried again a few times, and what happens once may not: nobody knows whether it did', async () => {
  const fails = (): never => {
    throw fault('KORA_INTERNAL', 'no');
  };
  const box = boxOf({ run: fails }, { name: 'pay', sideEffects: 'once', run: fails });
  expect(await statuses(box, [['look'], ['look'], ['look'], ['look'], ['pay'], ['pay']])).toEqual([
    'failed',
    'failed',
    'failed',
    'repeated',
    'failed',
    'repeated',
  ]);
});

test('reads run side by side; what is not declared so runs alone, in the order it was asked for', async () => {
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const run: ToolSpec['run'] = async ({ at }) => {
    began.push(String(at));
    await new Promise<void>((resolve) => ends.set(String(at), resolve));
    return { content: at };
  };
  const box = boxOf({ run }, { name: 'write', sideEffects: 'idempotent', run });
  const facts = await box.run();
  const calls = [
    box.call(facts, 'look', { at: 'a' }),
    box.call(facts, 'look', { at: 'b' }),
    box.call(facts, 'write', { at: 'c' }),
    box.call(facts, 'look', { at: 'd' }),
  ];
  await vi.waitFor(() => expect(began).toEqual(['a', 'b']));
  ends.get('a')?.();
  await calls[0];
  expect(began).toEqual(['a', 'b']);
  ends.get('b')?.();
  await vi.waitFor(() => expect(began).toEqual(['a', 'b', 'c']));
  ends.get('c')?.();
  await vi.waitFor(() => expect(began).toEqual(['a', 'b', 'c', 'd']));
  ends.get('d')?.();
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('two that ask the same at once: one is called, the other is told that it is under way', async () => {
  const box = boxOf({});
  const run = await box.run();
  const both = await Promise.all([box.call(run, 'look'), box.call(run, 'look')]);
  expect(both.map(({ status }) => status).sort()).toEqual(['ok', 'repeated']);
});

test('in a ticket’s name what changes the world goes through its ledger, with the door inside: refused is not done', async () => {
  const done: string[] = [];
  const ledger = new Map<string, unknown>();
  const box = toolbox({
    operation: async (_ticket, { id }, run) => {
      if (!ledger.has(id)) ledger.set(id, await run(`key:${id}`));
      return ledger.get(id);
    },
  });
  const run: ToolSpec['run'] = async (_input, { callId }) => {
    done.push(callId);
    return { content: 'sent' };
  };
  box.tools.registry.register(reading({ name: 'send', sideEffects: 'once', run }), house);
  const ticket = { route: 'ticket', ticket: claim } as const;
  const first = await box.run({ ...ticket, runId: 'attempt-1' });
  expect(await box.call(first, 'send')).toMatchObject({ status: 'refused', cause: 'approval_pending' });
  expect([done, [...ledger]]).toEqual([[], []]);
  box.grants.add('engine cap_read_runtime');
  const second = await box.run({ ...ticket, runId: 'attempt-2' });
  expect(await box.call(second, 'send')).toMatchObject({ status: 'ok', text: 'sent' });
  // The attempt died after that; the next one is answered what that one did.
  const third = await box.run({ ...ticket, runId: 'attempt-3' });
  expect(await box.call(third, 'send')).toMatchObject({ status: 'ok', text: 'sent' });
  expect(done).toEqual([expect.stringMatching(/^key:send:[0-9a-f]{32}$/)]);
});
