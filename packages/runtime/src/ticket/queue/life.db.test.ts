import { expect, test } from 'vitest';
import { cancelTicket, forceRetry, listOutcomes, listTickets, readBoard, ticketsByKey } from '../index.ts';
import { attemptCeiling } from './retry.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

function first<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('there is none');
  return row;
}

async function operate(bench: TicketBench, act: typeof cancelTicket, ticketId: number): Promise<void> {
  const { database, owner, stage } = bench;
  const request = { ticketId, reason: 'because', runtimeId: owner.runtimeId };
  await database.transaction((tx) => act(tx, { workspaceId: owner.workspaceId, stage }, request));
}

test('a ticket is added, claimed under a fence and completed, with an event for each step', async () => {
  const bench = await ticketBench();
  const { ticketId, created } = await bench.add({ title: 'look', payload: { n: 1 } });
  expect(created).toBe(true);
  const session = await bench.session();
  const claim = first(await bench.claim(session));
  expect(claim).toMatchObject({ ticketId, fence: 1, attempts: 1, failures: 0, payload: { n: 1 } });
  expect(await bench.resolve(session, claim, { summary: 'seen', result: { ok: true } })).toBe('ok');
  expect(await bench.find(ticketId)).toMatchObject({
    status: 'completed',
    bucket: 'recently_resolved',
    summary: 'seen',
    result: { ok: true },
    fence: 1,
  });
  expect(await bench.staged()).toEqual([
    'sea_ticket.created',
    'sea_ticket.claimed_for_edit',
    'kora.sea_ticket.resolved',
  ]);
});

test('a second ticket with the same key is the first one, also when both are added at once', async () => {
  const bench = await ticketBench();
  const added = await Promise.all([1, 2, 3, 4].map(() => bench.add({ idempotencyKey: 'wake-7' })));
  expect(new Set(added.map(({ ticketId }) => ticketId)).size).toBe(1);
  expect(added.filter(({ created }) => created)).toHaveLength(1);
  expect(await bench.staged()).toEqual(['sea_ticket.created']);
  const byKey = await ticketsByKey(bench.database, bench.owner.workspaceId, ['wake-7', 'other']);
  expect([...byKey]).toEqual([['wake-7', first(added).ticketId]]);
});

test.each([
  ['a kind that is no name', { kind: 'Not A Kind' }, /kind/],
  ['an empty title', { title: '  ' }, /title/],
  ['a priority nobody knows', { priority: 'urgent' as 'high' }, /priority/],
  ['a key that the store would change', { idempotencyKey: 'a\0b' }, /idempotencyKey/],
])('%s is refused with the field that is wrong', async (_, ticket, field) => {
  const bench = await ticketBench();
  await expect(bench.add(ticket)).rejects.toMatchObject({ code: 'KORA_TICKET_INVALID' });
  await expect(bench.add(ticket)).rejects.toThrow(field);
});

test('claims go by priority, then by age', async () => {
  const bench = await ticketBench();
  for (const [title, priority] of [
    ['a', 'low'],
    ['b', 'normal'],
    ['c', 'frontier'],
    ['d', 'normal'],
  ] as const)
    await bench.add({ title, priority });
  const session = await bench.session();
  const order: string[] = [];
  for (const claims of [
    await bench.claim(session),
    await bench.claim(session),
    await bench.claim(session, 9),
  ])
    order.push(...claims.map(({ title }) => title));
  expect(order).toEqual(['c', 'b', 'd', 'a']);
});

test('while degraded to critical work only critical tickets are claimed', async () => {
  const bench = await ticketBench();
  await bench.add({ title: 'common' });
  await bench.add({ title: 'critical', critical: true });
  const session = await bench.session();
  expect((await bench.claim(session, 9, true)).map(({ title }) => title)).toEqual(['critical']);
});

test('a session that is not alive claims nothing', async () => {
  const bench = await ticketBench();
  await bench.add();
  const session = await bench.session();
  await bench.expire(session);
  expect(await bench.claim(session)).toEqual([]);
});

test('three logical failures end a ticket, with a wait between that grows', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const session = await bench.session();
  const waits: number[] = [];
  for (const expected of ['failed_retryable', 'failed_retryable', 'failed_terminal']) {
    const claim = first(await bench.claim(session));
    await bench.resolve(session, claim, { resolution: 'failed_retryable', summary: 'no' });
    const view = await bench.find(ticketId);
    expect(view.status).toBe(expected);
    if (view.nextEligibleAt !== null) waits.push(Date.parse(view.nextEligibleAt) - Date.now());
    expect(await bench.claim(session)).toEqual([]);
    await bench.passTime();
  }
  expect(waits).toHaveLength(2);
  expect(waits[1]).toBeGreaterThan((waits[0] ?? 0) * 1.5);
  expect(await bench.find(ticketId)).toMatchObject({ bucket: 'failed_or_blocked', failures: 3 });
});

test('a ticket whose lease runs out ten times waits for the operator', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  for (let attempt = 1; attempt <= attemptCeiling; attempt += 1) {
    const session = await bench.session();
    expect(await bench.claim(session)).toHaveLength(1);
    await bench.expire(session);
    expect(await bench.reap()).toEqual([ticketId]);
    await bench.passTime();
  }
  expect(await bench.find(ticketId)).toMatchObject({
    status: 'blocked_needs_operator',
    statusReason: 'the lease ran out 10 times',
    attempts: 10,
    fence: 10,
  });
  await operate(bench, forceRetry, ticketId);
  const session = await bench.session();
  expect(first(await bench.claim(session))).toMatchObject({ fence: 11, attempts: 1 });
});

test('a ticket that is given back keeps its fence and does not count the attempt', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const session = await bench.session();
  expect(await bench.release(session, first(await bench.claim(session)))).toBe('ok');
  expect(await bench.find(ticketId)).toMatchObject({
    status: 'released',
    bucket: 'queued',
    fence: 1,
    attempts: 0,
  });
  expect(first(await bench.claim(session))).toMatchObject({ fence: 2, attempts: 1 });
});

test('a holder whose lease was reaped is refused, and what it says changes nothing', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const stale = await bench.session();
  const old = first(await bench.claim(stale));
  await bench.expire(stale);
  await bench.reap();
  const fresh = await bench.session();
  const current = first(await bench.claim(fresh));
  expect(await bench.resolve(stale, old)).toBe('lost');
  expect(await bench.release(stale, old)).toBe('lost');
  expect(await bench.find(ticketId)).toMatchObject({ status: 'claimed', fence: current.fence });
  expect(await bench.resolve(fresh, current)).toBe('ok');
  expect(await bench.resolve(fresh, current)).toBe('already');
});

test('a resolve that waits behind its own first try is told that the first landed', async () => {
  const bench = await ticketBench();
  await bench.add();
  const session = await bench.session();
  const claim = first(await bench.claim(session));
  const verdicts = await Promise.all([1, 2, 3].map(() => bench.resolve(session, claim)));
  expect(verdicts.toSorted()).toEqual(['already', 'already', 'ok']);
});

test('a cancelled ticket ends wherever it is, and its holder is refused', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const session = await bench.session();
  const claim = first(await bench.claim(session));
  await operate(bench, cancelTicket, ticketId);
  expect(await bench.resolve(session, claim)).toBe('lost');
  expect(await bench.find(ticketId)).toMatchObject({ status: 'cancelled', summary: 'because' });
  await expect(operate(bench, cancelTicket, ticketId)).rejects.toMatchObject({ code: 'KORA_TICKET_UNKNOWN' });
});

test('a cancel that meets a claim ends the ticket all the same', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  for (let round = 0; round < 20; round += 1) {
    const { ticketId } = await bench.add();
    await Promise.all([bench.claim(session, 9), operate(bench, cancelTicket, ticketId)]);
    expect((await bench.find(ticketId)).status).toBe('cancelled');
  }
});

test('two operators who retry one ended ticket at once make it claimable once', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const session = await bench.session();
  await bench.resolve(session, first(await bench.claim(session)), { resolution: 'failed_terminal' });
  await Promise.all([1, 2, 3].map(() => operate(bench, forceRetry, ticketId)));
  expect(await bench.claim(session, 9)).toHaveLength(1);
});

test('a ticket that is being worked on cannot be retried', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  await bench.claim(await bench.session());
  await expect(operate(bench, forceRetry, ticketId)).rejects.toThrow('being worked on');
});

test('text that the store cannot hold is kept with its stand-ins', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add({ title: 'a\0b', payload: { 'k\0': '\ud800' } });
  const session = await bench.session();
  const claim = first(await bench.claim(session));
  expect(claim).toMatchObject({ title: 'a\ufffdb', payload: { 'k\ufffd': '\ufffd' } });
  expect(await bench.resolve(session, claim, { summary: '\0', result: { x: '\0' } })).toBe('ok');
  expect(await bench.find(ticketId)).toMatchObject({ summary: '\ufffd', result: { x: '\ufffd' } });
});

test('each ended attempt is kept, oldest first', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  const session = await bench.session();
  await bench.release(session, first(await bench.claim(session)));
  await bench.resolve(session, first(await bench.claim(session)));
  const outcomes = await listOutcomes(bench.database, bench.owner.workspaceId, ticketId);
  expect(outcomes.map(({ fence, resolution }) => [fence, resolution])).toEqual([
    [1, 'released'],
    [2, 'completed'],
  ]);
});

test('the board shows each ticket in the bucket of its status', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const done = await bench.add({ title: 'done' });
  await bench.resolve(session, first(await bench.claim(session)));
  const blocked = await bench.add({ title: 'blocked' });
  await bench.resolve(session, first(await bench.claim(session)), { resolution: 'blocked_needs_operator' });
  const working = await bench.add({ title: 'working' });
  await bench.claim(session);
  const waiting = await bench.add({ title: 'waiting' });
  const { counts: _, ...board } = await readBoard(bench.database, bench.owner.workspaceId);
  const ids = Object.fromEntries(
    Object.entries(board).map(([bucket, rows]) => [bucket, rows.map(({ ticketId }) => ticketId)]),
  );
  expect(ids).toEqual({
    queued: [waiting.ticketId],
    in_progress: [working.ticketId],
    deferred: [],
    failed_or_blocked: [blocked.ticketId],
    recently_resolved: [done.ticketId],
  });
  const claimed = await listTickets(bench.database, bench.owner.workspaceId, { status: 'claimed' });
  expect(claimed.map(({ title }) => title)).toEqual(['working']);
});
