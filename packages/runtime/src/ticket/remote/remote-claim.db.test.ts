import { expect, test } from 'vitest';
import { hold, scene as openDoor } from '../../admission/testing/scene.ts';
import { systemClock } from '../../clock/index.ts';
import { readWorkSigns } from '../view/signs.ts';
import { ticketBench } from '../testing/bench.ts';
import { claimForWorker } from './remote-claim.ts';
import type { RemoteTake } from './remote-claim.ts';

const clock = systemClock();
const caller = { workerTokenId: 1, name: 'clerk', actorId: 'worker:clerk', kinds: ['test', 'fax'] };
const want = { limit: 10, deadlineMs: 60_000 };

test('the door is asked in the worker’s name, and what it says is what the worker is told', async () => {
  const { database, owner, add } = await ticketBench();
  const { admission, refusals, move } = openDoor();
  const claim = (): Promise<RemoteTake> =>
    claimForWorker({ database, owner, clock, admission }, caller, want);
  await add();
  const critical = await add({ critical: true });
  move({ failing: new Set(['dispatch']) });
  const { result, claims } = await claim();
  expect([result, claims.map(({ ticketId }) => ticketId)]).toEqual(['claimed', [critical.ticketId]]);
  expect(await claim()).toMatchObject({ result: 'nothing_ready', sessionId: null });
  move({ failing: new Set(), holds: [hold('cost')] });
  expect(await claim()).toMatchObject({ result: 'blocked_by_cost', cause: 'cost_hold', claims: [] });
  move({ holds: [hold('operator')] });
  expect(await claim()).toMatchObject({ result: 'blocked_by_control', cause: 'operator_hold', claims: [] });
  expect(new Set(refusals.map((refusal) => refusal.caller))).toEqual(new Set(['worker:clerk']));
  move({ holds: [] });
  expect((await claim()).claims).toHaveLength(1);
});

test('a session that is over, or another worker’s, is not carried on', async () => {
  const bench = await ticketBench();
  const { database, owner, add } = bench;
  const { admission } = openDoor();
  const claimAs = (workerTokenId: number, session?: string): Promise<RemoteTake> =>
    claimForWorker({ database, owner, clock, admission }, { ...caller, workerTokenId }, { ...want, session });
  await add();
  const first = await claimAs(1);
  const session = first.sessionId ?? '';
  expect(await claimAs(1, session)).toMatchObject({ result: 'nothing_ready', sessionId: session });
  await add();
  expect((await claimAs(2, session)).sessionId).not.toBe(session);
  await bench.expire(session);
  await add();
  const next = await claimAs(1, session);
  expect(next.claims).toHaveLength(1);
  expect(next.sessionId).not.toBe(session);
  // What is held elsewhere is no sign of life of the worker here.
  const signs = await readWorkSigns(database, { ...owner, kinds: ['test'] });
  expect(signs).toMatchObject({ live: 0, sinceBeatMs: null });
  // What took nothing left nothing behind.
  await claimAs(3);
  const sessions = await database.query('select from kora.session where worker_token_id = 3');
  expect(sessions).toEqual([]);
});
