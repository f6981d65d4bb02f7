import { expect, test } from 'vitest';
import { claim, scene } from './admission/testing/scene.ts';
import type { CallRequest, CapabilityPort } from './admission/index.ts';
import { callsOf } from './plugin-calls.ts';
import type { CallRooms } from './plugin-calls.ts';

const tool = {
  door: 'tool_call',
  callId: 'c',
  capability: 'cap_web_fetch',
  argumentsHash: 'b'.repeat(64),
  tool: 'web_search',
} as const;

type Asked = Parameters<CapabilityPort['check']>[0];

/** The calls of the plugin `stranger`, which works tickets of the kind `mine`; ticket 7 is held, of the kind given. */
function calls(kindOfSeven = 'mine'): {
  readonly door: ReturnType<typeof scene>;
  readonly asked: Asked[];
  readonly settled: unknown[];
  readonly budgeted: readonly object[];
  readonly admit: (request: object) => ReturnType<ReturnType<typeof callsOf>['admit']>;
  readonly settle: ReturnType<typeof callsOf>['settle'];
} {
  const asked: Asked[] = [];
  const budgeted: object[] = [];
  const settled: unknown[] = [];
  const door = scene({
    budget: {
      reserve: (request) => {
        budgeted.push(request);
        return Promise.resolve({ ok: true, reserved: request.estimateMicroUsd });
      },
    },
    capabilities: {
      check: (request) => {
        asked.push(request);
        // Only the runtime itself may: whoever is taken for it is let through.
        const verdict = request.caller === 'kora' ? 'granted' : 'denied';
        return Promise.resolve({ verdict, cause: 'capability_denied' });
      },
    },
  });
  const held = { ...claim, kind: kindOfSeven } as ReturnType<CallRooms['worker']['claimOf']>;
  const rooms: CallRooms = {
    admission: door.admission,
    worker: { claimOf: (ticketId) => (ticketId === claim.ticketId ? held : undefined) },
    spend: {
      settle: (settle) => {
        settled.push(settle);
        const { costMicroUsd = 0 } = settle;
        const first = { estimated: false, repeated: false };
        return Promise.resolve({ ...first, costMicroUsd, reservedMicroUsd: 0, overrunMicroUsd: 0 });
      },
    },
  };
  const { admit, settle } = callsOf(rooms, { id: 'stranger', trusted: false }, (kind) => kind === 'mine');
  return { door, asked, budgeted, settled, admit: (request) => admit(request as CallRequest), settle };
}

test.each([
  ['names its caller kora', { caller: 'kora' }],
  ['names its tool as one of the house', { tool: 'kora__read_file' }],
  ['names its call as one of the house', { callId: 'kora:c' }],
  ['names its capability as one of the house', { capability: 'kora__anything' }],
])('a plugin that %s gets nothing for the name (defect 17)', async (_, words) => {
  const { admit, asked, door } = calls();
  expect(await admit({ ...tool, ...words })).toMatchObject({ allow: false, cause: 'capability_denied' });
  expect(asked).toMatchObject([{ caller: 'stranger' }]);
  expect(asked[0]?.callId).toMatch(/^stranger:/);
  expect(door.refusals).toMatchObject([{ caller: 'stranger' }]);
});

test.each(['claim', 'periodic_task', 'plugin_load', 'panel_action', '__proto__', undefined])(
  "the runtime's own doors are none of a plugin: %j",
  async (door) => {
    const { admit } = calls();
    const words = { caller: 'kora', kind: 'mine', critical: true, task: 't', purpose: 'observe' };
    expect(await admit({ ...tool, ...words, door })).toMatchObject({ allow: false, cause: 'unknown_door' });
  },
);

test('a plugin never sends to the operator by the door for others', async () => {
  const { admit, asked } = calls();
  const message = { ...tool, door: 'outbound_message', channel: 'mail', to: 'operator' };
  expect(await admit(message)).toMatchObject({ allow: false, cause: 'capability_denied' });
  expect(asked).toMatchObject([{ what: 'channel:mail' }]);
});

const model = { door: 'model_call', callId: 'c', route: 'fast', estimateMicroUsd: 5 } as const;

test('under a pause the work in hand goes on, by the claim that this plugin has now and by no other', async () => {
  const mine = calls();
  mine.door.move({ stopLevel: 1 });
  expect(await mine.admit({ ...model, claim })).toEqual({ allow: true });
  const refused = { allow: false, cause: 'stop_l1' };
  expect(await mine.admit({ ...model, claim: { ...claim, ticketId: 8 } })).toMatchObject(refused);
  // A handler that went on after its ticket was taken from it and claimed again.
  expect(await mine.admit({ ...model, claim: { ...claim, fence: claim.fence - 1 } })).toMatchObject(refused);
  expect(await mine.admit({ ...model, ticketId: claim.ticketId })).toMatchObject(refused);
  const theirs = calls('theirs');
  theirs.door.move({ stopLevel: 1 });
  expect(await theirs.admit({ ...model, claim })).toMatchObject({ allow: false });
});

test('a plugin that calls its own call critical draws on nothing that is kept, and on no question of another', async () => {
  const { admit, budgeted } = calls();
  expect(await admit({ ...model, critical: true, runId: 'another' })).toEqual({ allow: true });
  expect(budgeted).toEqual([
    { caller: 'stranger', callId: 'stranger:c', route: 'fast', estimateMicroUsd: 5 },
  ]);
});

test('a call is settled under the name it was admitted under, by its own plugin', async () => {
  const { settle, settled } = calls();
  await settle('c', { costMicroUsd: 4 });
  const usage = { inputTokens: 9, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  await settle('d', { usage, model: 'opus' });
  expect(settled).toEqual([
    { callId: 'stranger:c', caller: 'stranger', costMicroUsd: 4 },
    { callId: 'stranger:d', caller: 'stranger', usage, model: 'opus' },
  ]);
});
