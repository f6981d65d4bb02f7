import { expect, test } from 'vitest';
import type { FixAttempt, FixOffer, FixWish } from '../fix/index.ts';
import type { ToolCall, ToolSpec } from '../reason/index.ts';
import { fixTools } from './fixes.ts';
import type { HouseToolPorts } from './ports.ts';

const offer: FixOffer = {
  probe: 'shop-unit',
  fix: 'restart_unit',
  title: 'restarts the unit',
  plugin: 'probes',
  mode: 'approve',
  capability: 'cap_autofix',
  perTargetPerHour: 2,
  learned: null,
  verifyMs: 60_000,
  canRollBack: false,
  targets: [{ id: 'unit:shop.service@web-1', title: 'unit shop.service on web-1' }],
};

const attempt: FixAttempt = {
  attemptId: 4,
  key: 'k',
  probe: 'shop-unit',
  fix: 'restart_unit',
  plugin: 'probes',
  capability: 'cap_autofix',
  mode: 'approve',
  learned: null,
  target: 'unit:shop.service@web-1',
  incidentId: 7,
  wakeId: 'w',
  askedBy: 'reasoning',
  session: 'run-1',
  ticketId: 12,
  reason: 'it failed',
  status: 'waiting',
  outcome: null,
  code: null,
  detail: null,
  approvalId: 31,
  conditions: [],
  before: null,
  after: null,
  askedAt: '2026-01-01T00:00:00.000Z',
  beganAt: null,
  endedAt: null,
};

const call: ToolCall = {
  runId: 'run-1',
  callId: 'call-1',
  route: 'probe_investigation',
  caller: 'reasoning',
  trusted: false,
  ticketId: 12,
  signal: new AbortController().signal,
};

function tools(): { readonly list: ToolSpec; readonly ask: ToolSpec; readonly wishes: FixWish[] } {
  const wishes: FixWish[] = [];
  const ports = {
    reads: { fixes: (probe?: string) => Promise.resolve(probe === 'mail' ? [] : [offer]) },
    deeds: {
      attemptFix: (wish: FixWish) => {
        wishes.push(wish);
        return Promise.resolve(attempt);
      },
    },
  } as unknown as HouseToolPorts;
  const [list, ask] = fixTools(ports);
  if (list === undefined || ask === undefined) throw new TypeError('there are two');
  return { list, ask, wishes };
}

test('whoever thinks is told the ids of the targets, and can name one (daemon defect W22)', async () => {
  const { list, ask, wishes } = tools();
  const { content, evidence } = await list.run({}, call);
  expect(content).toMatchObject([{ fix: 'restart_unit', targets: [{ id: 'unit:shop.service@web-1' }] }]);
  expect(evidence).toMatchObject([{ id: 'fix:shop-unit/restart_unit' }]);
  const wish = {
    probe: 'shop-unit',
    fix: 'restart_unit',
    target: 'unit:shop.service@web-1',
    reason: 'it failed',
  };
  await ask.run(wish, call);
  expect(wishes).toMatchObject([wish]);
});

test('who asked, in which run and for which ticket, is the call’s to say and not the model’s (daemon defect W23)', async () => {
  const { ask, wishes } = tools();
  const said = { probe: 'p', fix: 'f', target: 't', reason: 'r', session: 'other', askedBy: 'operator' };
  expect(ask.input.safeParse(said).success).toBe(false);
  await ask.run({ probe: 'p', fix: 'f', target: 't', reason: 'r' }, call);
  expect(wishes).toMatchObject([
    { askedBy: 'reasoning', session: 'run-1', ticketId: 12, key: 'tool:call-1' },
  ]);
});

test('an attempt that waits for the operator is no attempt that was made', async () => {
  const { ask } = tools();
  const { content, evidence, untrusted } = await ask.run(
    { probe: 'p', fix: 'f', target: 't', reason: 'r' },
    call,
  );
  expect(content).toMatchObject({
    status: 'waiting',
    outcome: null,
    approvalId: 31,
    note: expect.any(String),
  });
  expect(evidence).toEqual([{ id: 'attempt:4', what: 'restart_unit on unit:shop.service@web-1: waiting' }]);
  expect(untrusted).toBe(true);
});

test('it is done at most once, under a capability that nobody has by default', () => {
  const { list, ask } = tools();
  expect(ask).toMatchObject({ capability: 'cap_autofix', sideEffects: 'once' });
  expect(list).toMatchObject({ capability: 'cap_read_runtime', sideEffects: 'none' });
});
