import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkerCalls } from './http/worker/client.ts';
import { claimOne, remoteScene } from './testing/remote-scene.ts';
import type { RemoteScene } from './testing/remote-scene.ts';

let scene: RemoteScene;
beforeAll(async () => {
  scene = await remoteScene();
});
afterAll(() => scene.close());

const done = { resolution: 'completed', summary: 'sent' } as const;
const stale = { status: 409, code: 'KORA_TICKET_STALE_FENCE' };

/** Everything that is kept for a ticket, to be compared before and after what must change nothing. */
async function kept(ticketId: number): Promise<unknown> {
  const tables = [
    'ticket_ready',
    'ticket_lease',
    'ticket_parked',
    'ticket_outcome',
    'ticket_note',
    'operation',
  ];
  const rows = tables.map((table) =>
    scene.database.query(`select to_jsonb(t) as row from kora.${table} t where ticket_id = $1 order by 1`, [
      ticketId,
    ]),
  );
  return Promise.all(rows);
}

test('a worker elsewhere claims, works, tells of it and resolves, and the events are its own', async () => {
  const { calls } = await scene.worker('mail');
  const ticketId = await scene.add({ kind: 'mail', title: 'a letter', payload: { to: 'ann' } });
  const claimed = await calls.claim({});
  expect(claimed).toMatchObject({ result: 'claimed', cause: null, sessionTtlMs: 60_000 });
  const [ticket] = claimed.tickets;
  expect(ticket).toMatchObject({ ticketId, fence: 1, attempt: 1, payload: { to: 'ann' }, title: 'a letter' });
  const claim = ticket?.claim ?? '';
  await calls.progress({ claim, percent: 50, detail: 'half' });
  await calls.note({ claim, text: 'the stamp is on' });
  await calls.event({ claim, name: 'stamped', data: { cents: 85 } });
  expect(await calls.refresh([claim])).toEqual({ sessionTtlMs: 60_000, held: [true] });
  expect(await calls.resolve({ claim, ...done, result: { box: 7 } })).toEqual({ verdict: 'ok' });
  expect(await scene.operator.tickets.show(ticketId)).toMatchObject({
    status: 'completed',
    summary: 'sent',
    result: { box: 7 },
  });
  await expect
    .poll(async () =>
      (await scene.operator.events({ order: 'desc', limit: 50 }))
        .filter((event) => event.ticketId === ticketId && event.type !== 'sea_ticket.created')
        .map(({ type, actorId }) => [type, actorId]),
    )
    .toEqual([
      ['kora.sea_ticket.resolved', 'worker:mail'],
      ['sea_ticket.worker_event', 'worker:mail'],
      ['sea_ticket.claimed_for_edit', 'worker:mail'],
    ]);
});

test('what waits for a ticket is claimable as soon as a worker elsewhere completed that', async () => {
  const { calls } = await scene.worker('mail');
  const needed = await scene.add();
  const waiting = await scene.add({ kind: 'mail', title: 'afterwards', blockedBy: [needed] });
  const { claim, ticketId } = await claimOne(calls, { limit: 10 });
  expect(ticketId).toBe(needed);
  await calls.resolve({ claim, ...done });
  const next = await claimOne(calls);
  expect(next.ticketId).toBe(waiting);
  await calls.resolve({ claim: next.claim, ...done });
});

test('an answer to resolve or release that was lost is asked for again and says already', async () => {
  const { calls } = await scene.worker('mail');
  await scene.add();
  const { claim } = await claimOne(calls);
  expect(await calls.resolve({ claim, ...done })).toEqual({ verdict: 'ok' });
  expect(await calls.resolve({ claim, ...done })).toEqual({ verdict: 'already' });
  await expect(calls.resolve({ claim, resolution: 'failed_terminal', summary: 'no' })).rejects.toMatchObject(
    stale,
  );
  await scene.add();
  const other = await claimOne(calls);
  expect(await calls.release({ claim: other.claim, reason: 'later' })).toEqual({ verdict: 'ok' });
  expect(await calls.release({ claim: other.claim, reason: 'later' })).toEqual({ verdict: 'already' });
  await expect(calls.resolve({ claim: other.claim, ...done })).rejects.toMatchObject(stale);
  await calls.resolve({ claim: (await claimOne(calls)).claim, ...done });
});

test('every write of a holder that lost its claim is refused and changes nothing', async () => {
  const { calls } = await scene.worker('mail');
  const ticketId = await scene.add();
  const first = await claimOne(calls);
  await scene.lapse(ticketId);
  expect((await calls.refresh([first.claim])).held).toEqual([false]);
  await expect
    .poll(() => claimOne(calls).catch(() => undefined), { timeout: 15_000 })
    .toMatchObject({ ticketId, fence: 2 });
  const before = await kept(ticketId);
  const { claim } = first;
  const operation = { id: 'send', tool: 'smtp', sideEffects: 'once' } as const;
  for (const late of [
    () => calls.progress({ claim, percent: 99 }),
    () => calls.note({ claim, text: 'late' }),
    () => calls.event({ claim, name: 'late' }),
    () => calls.operation({ claim, step: 'begin', ...operation }),
    () => calls.release({ claim, reason: 'late' }),
    () => calls.resolve({ claim, ...done }),
  ])
    await expect(late()).rejects.toMatchObject(stale);
  expect(await kept(ticketId)).toEqual(before);
  await scene.operator.tickets.cancel(ticketId, 'the test is over');
});

test('what the operator cancelled is not the worker’s to complete', async () => {
  const { calls } = await scene.worker('mail');
  const ticketId = await scene.add();
  const { claim } = await claimOne(calls);
  await scene.operator.tickets.cancel(ticketId, 'not wanted');
  expect((await calls.refresh([claim])).held).toEqual([false]);
  await expect(calls.resolve({ claim, ...done })).rejects.toMatchObject(stale);
  expect((await scene.operator.tickets.show(ticketId)).status).toBe('cancelled');
});

test('a claim token of one worker is worth nothing to another', async () => {
  const [mine, other] = [await scene.worker('mail'), await scene.worker('thief')];
  const ticketId = await scene.add();
  const { claim } = await claimOne(mine.calls);
  const before = await kept(ticketId);
  await expect(other.calls.resolve({ claim, ...done })).rejects.toMatchObject(stale);
  expect((await other.calls.refresh([claim])).held).toEqual([false]);
  expect(await kept(ticketId)).toEqual(before);
  // Another token of the same worker carries on: one follows the other.
  const next = await scene.worker('mail');
  expect(await next.calls.resolve({ claim, ...done })).toEqual({ verdict: 'ok' });
});

test('the token’s kinds are what it may claim, and work by name comes before anybody’s', async () => {
  const { calls } = await scene.worker('clerk', ['mail', 'fax']);
  await scene.add({ kind: 'telex', title: 'not granted' });
  expect(await calls.claim({ limit: 10 })).toMatchObject({
    result: 'nothing_ready',
    session: null,
    tickets: [],
  });
  for (const kinds of [['telex'], ['mail', 'telex']]) {
    await expect(calls.claim({ kinds })).rejects.toMatchObject({ status: 403, code: 'KORA_WORKER_KIND' });
  }
  const [anybodys, mine] = [await scene.add(), await scene.add({ kind: 'fax', title: 'a fax' })];
  await scene.database.query(
    `update kora.ticket_ready set assigned_to = 'worker:clerk' where ticket_id = $1`,
    [mine],
  );
  const { tickets } = await calls.claim({ limit: 10 });
  expect(tickets.map(({ ticketId }) => ticketId)).toEqual([mine, anybodys]);
  // Everything of one process lies in one session; another process has its own.
  expect(await calls.claim({})).toMatchObject({ session: null });
  for (const { claim } of tickets) await calls.resolve({ claim, ...done });
});

test('a stop of level 1 refuses claims and leaves what is held; level 3 takes it away', async () => {
  const { calls } = await scene.worker('mail');
  const ticketId = await scene.add();
  const { claim } = await claimOne(calls);
  const waiting = await scene.add();
  await scene.operator.stop(1, 'a look');
  const blocked = { result: 'blocked_by_control', cause: 'stop_l1', tickets: [], session: null };
  expect(await calls.claim({ limit: 10 })).toMatchObject(blocked);
  expect((await calls.refresh([claim])).held).toEqual([true]);
  await scene.operator.stop(3, 'at once');
  await expect.poll(async () => (await calls.refresh([claim])).held).toEqual([false]);
  await expect(calls.resolve({ claim, ...done })).rejects.toMatchObject(stale);
  expect(await scene.operator.tickets.show(ticketId)).toMatchObject({ status: 'released', attempts: 0 });
  expect(await calls.claim({})).toMatchObject({ ...blocked, cause: 'stop_l3' });
  await scene.operator.resume('go on');
  const { tickets } = await calls.claim({ limit: 10 });
  expect(tickets.map((ticket) => ticket.ticketId).sort((a, b) => a - b)).toEqual([ticketId, waiting]);
  for (const ticket of tickets) await calls.resolve({ claim: ticket.claim, ...done });
});

test('a token that was revoked, ran out or never was is refused in the same words, and what it held comes back', async () => {
  const revoked = await scene.worker('mail');
  const ticketId = await scene.add();
  const { claim } = await claimOne(revoked.calls);
  expect(await scene.operator.workers.list()).toContainEqual(
    expect.objectContaining({ workerTokenId: revoked.workerTokenId, status: 'live', sessions: 1, held: 1 }),
  );
  const gone = await scene.operator.workers.revoke(revoked.workerTokenId, 'lost');
  expect(gone).toMatchObject({ status: 'revoked', revokeReason: 'lost', sessions: 0, held: 0 });
  expect((await scene.operator.tickets.show(ticketId)).status).toBe('released');
  const expired = await scene.worker('mail');
  await scene.database.query(
    `update kora.worker_token set expires_at = clock_timestamp() where worker_token_id = $1`,
    [expired.workerTokenId],
  );
  const live = await scene.worker('mail');
  const wrong = [
    revoked.token,
    expired.token,
    `${live.token.slice(0, -1)}_`,
    live.token.replace(/_\d+_/, '_999_'),
  ];
  const answers = await Promise.all(
    [...wrong, 'kora_worker_1_', 'x', scene.token].map(async (token) => {
      const body = JSON.stringify({ claim, ...done });
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${scene.url}/api/worker/resolve`, { method: 'POST', headers, body });
      return [answer.status, await answer.text()];
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toEqual([401, expect.stringContaining('KORA_AUTH_MISSING')]);
  expect((await scene.operator.workers.list({ all: true })).map(({ status }) => status)).toContain('expired');
  await expect(scene.operator.workers.revoke(999_999, 'why')).rejects.toMatchObject({
    code: 'KORA_WORKER_UNKNOWN',
  });
  await live.calls.resolve({ claim: (await claimOne(live.calls)).claim, ...done });
});

test('an operation is begun, ended and read again by the next attempt; its key is the same', async () => {
  const { calls } = await scene.worker('mail');
  const ticketId = await scene.add();
  const { claim } = await claimOne(calls);
  const spec = { id: 'send', tool: 'smtp', sideEffects: 'once', request: { to: 'ann' } } as const;
  const begun = await calls.operation({ claim, step: 'begin', ...spec });
  expect(begun).toMatchObject({ status: 'allocated', dispatches: 0, key: expect.stringMatching(/-send$/) });
  const out = await calls.operation({ claim, step: 'dispatched', dispatches: 0, ...spec });
  expect(out).toMatchObject({ status: 'dispatched', dispatches: 1 });
  // The answer was lost: the same step again is the same step.
  expect(await calls.operation({ claim, step: 'dispatched', dispatches: 0, ...spec })).toMatchObject(out);
  await expect(calls.operation({ claim, step: 'dispatched', dispatches: 3, ...spec })).rejects.toMatchObject({
    code: 'KORA_OPERATION_STATE',
  });
  const other = { ...spec, request: { to: 'bob' } };
  await expect(calls.operation({ claim, step: 'begin', ...other })).rejects.toMatchObject({
    code: 'KORA_OPERATION_CHANGED',
  });
  const committed = { step: 'committed', dispatches: 1, result: { id: 'm-1' } } as const;
  for (const _ of ['first', 'again']) {
    expect(await calls.operation({ claim, ...committed, ...spec })).toMatchObject({
      status: 'committed',
      result: { id: 'm-1' },
    });
  }
  await calls.release({ claim, reason: 'the next one reads it' });
  const next = await claimOne(calls);
  expect(next.ticketId).toBe(ticketId);
  expect(await calls.operation({ claim: next.claim, step: 'begin', ...spec })).toMatchObject({
    key: begun.key,
    status: 'committed',
    result: { id: 'm-1' },
  });
  await calls.resolve({ claim: next.claim, ...done });
});

test('one ticket by its number is claimed, or refused with the reason', async () => {
  const { calls } = await scene.worker('clerk');
  const ticketId = await scene.add();
  const claimed = await calls.claim({ ticketId });
  const [ticket] = claimed.tickets;
  expect([claimed.result, ticket?.ticketId]).toEqual(['claimed', ticketId]);
  const asked = async (wish: Parameters<WorkerCalls['claim']>[0]): Promise<string> =>
    (await calls.claim(wish)).result;
  expect(await asked({ ticketId })).toBe('already_claimed');
  await calls.resolve({ claim: ticket?.claim ?? '', ...done });
  expect(await asked({ ticketId })).toBe('ticket_terminal');
  const mine = await scene.add();
  const assign = (to: string): Promise<unknown> =>
    scene.database.query('update kora.ticket_ready set assigned_to = $2 where ticket_id = $1', [mine, to]);
  await assign('worker:other');
  expect(await asked({ ticketId: mine })).toBe('not_assigned');
  expect(await asked({ ticketId: mine, contractVersion: 0 })).toBe('contract_version_mismatch');
  await assign('worker:clerk');
  await scene.operator.stop(1, 'a look');
  expect(await asked({ ticketId: mine })).toBe('blocked_by_control');
  await scene.operator.resume('go on');
  const taken = await calls.claim({ ticketId: mine });
  expect(taken.result).toBe('claimed');
  await calls.resolve({ claim: taken.tickets[0]?.claim ?? '', ...done });
  const foreign = await scene.add({ kind: 'telex', title: 'not granted' });
  await expect(calls.claim({ ticketId: foreign })).rejects.toMatchObject({ code: 'KORA_WORKER_KIND' });
  await expect(calls.claim({ ticketId: 999_999 })).rejects.toMatchObject({ code: 'KORA_TICKET_UNKNOWN' });
});
