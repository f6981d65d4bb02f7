import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import { cancelTicket, freeDependents } from '../index.ts';
import type { Claim, TicketResult } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

async function held(bench: TicketBench, count: number): Promise<{ session: string; claims: Claim[] }> {
  for (let n = 0; n < count; n += 1) await bench.add({ title: `need ${n}` });
  const session = await bench.session();
  return { session, claims: await bench.claim(session, count) };
}

async function end(
  bench: TicketBench,
  { session, claim }: { session: string; claim: Claim | undefined },
  resolution: TicketResult['resolution'] = 'completed',
): Promise<number[]> {
  if (claim === undefined) throw new Error('nothing was claimed');
  await bench.resolve(session, claim, { resolution });
  return freeDependents(bench.database, bench.owner, [claim.ticketId]);
}

test('a ticket waits until all it needs is completed, and then may be claimed at its own time', async () => {
  const bench = await ticketBench();
  const { session, claims } = await held(bench, 2);
  const { ticketId } = await bench.add({ title: 'after', blockedBy: claims.map((claim) => claim.ticketId) });
  expect(await bench.find(ticketId)).toMatchObject({ status: 'waiting', bucket: 'queued' });
  expect(await bench.claim(session, 9)).toEqual([]);
  expect(await end(bench, { session, claim: claims[0] })).toEqual([]);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'waiting' });
  expect(await end(bench, { session, claim: claims[1] })).toEqual([ticketId]);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'assigned' });
  expect((await bench.claim(session, 9)).map(({ title }) => title)).toEqual(['after']);
});

test('a ticket whose needs are completed already waits for nothing', async () => {
  const bench = await ticketBench();
  const { session, claims } = await held(bench, 1);
  await end(bench, { session, claim: claims[0] });
  const { ticketId } = await bench.add({ blockedBy: [claims[0]?.ticketId ?? 0] });
  expect(await bench.find(ticketId)).toMatchObject({ status: 'assigned' });
});

test('a needed ticket that failed or was cancelled puts those that wait before the operator, with the reason', async () => {
  const bench = await ticketBench();
  const { session, claims } = await held(bench, 2);
  const [failed, cancelled] = claims;
  const one = await bench.add({ blockedBy: [failed?.ticketId ?? 0] });
  const two = await bench.add({ blockedBy: [cancelled?.ticketId ?? 0] });
  expect(await end(bench, { session, claim: failed }, 'failed_terminal')).toEqual([]);
  const { owner, stage, database } = bench;
  const request = { ticketId: cancelled?.ticketId ?? 0, reason: 'enough', runtimeId: owner.runtimeId };
  await database.transaction((tx) => cancelTicket(tx, { workspaceId: owner.workspaceId, stage }, request));
  expect(await bench.find(one.ticketId)).toMatchObject({
    status: 'blocked_needs_operator',
    statusReason: `it needs ${failed?.ticketId} is failed_terminal`,
  });
  expect(await bench.find(two.ticketId)).toMatchObject({
    statusReason: `it needs ${cancelled?.ticketId} is cancelled`,
  });
});

test('two last dependencies completed at one moment, over two connections, free what waits for both once', async () => {
  const { database } = await testDatabase();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      async (needs, waiting) => {
        const bench = await ticketBench({ database });
        const { session, claims } = await held(bench, needs);
        const after: number[] = [];
        for (let n = 0; n < waiting; n += 1)
          after.push((await bench.add({ blockedBy: claims.map((claim) => claim.ticketId) })).ticketId);
        const freed = await Promise.all(claims.map((claim) => end(bench, { session, claim })));
        expect(freed.flat().toSorted((a, b) => a - b)).toEqual(after);
        for (const ticketId of after)
          expect(await bench.find(ticketId)).toMatchObject({ status: 'assigned' });
      },
    ),
    { numRuns: 15 },
  );
});

test('one that was freed by nobody is found by the sweep, and so is one that a completion passed while it was added', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const { session, claims } = await held(bench, 2);
  const [first, second] = claims;
  if (first === undefined || second === undefined) throw new Error('nothing was claimed');
  const forgotten = await bench.add({ blockedBy: [first.ticketId] });
  await bench.resolve(session, first);
  const passed = await database.transaction(async () => {
    const added = await bench.add({ blockedBy: [second.ticketId] });
    await bench.resolve(session, second);
    return added;
  });
  const swept = [...(await freeDependents(database, owner)), ...(await freeDependents(database, owner))];
  expect(swept.toSorted((a, b) => a - b)).toEqual([forgotten.ticketId, passed.ticketId]);
});

test('of more that wait than one sweep takes, each is reached in time', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const { session, claims } = await held(bench, 2);
  const [open, done] = claims;
  await database.query(
    `with added as (
       insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
         fence, attempts, epoch, failures, reason)
       select $1, 1000000 + n, 'kora', clock_timestamp(), 'test', 2, false, 'waiting', 0, 0, 0, 0, 'waits'
       from generate_series(1, 1800) n returning ticket_id)
     insert into kora.ticket_dependency (workspace_id, ticket_id, needs_ticket_id)
     select $1, ticket_id, case when ticket_id % 100 = 0 then $3::bigint else $2::bigint end from added`,
    [owner.workspaceId, open?.ticketId, done?.ticketId],
  );
  if (done !== undefined) await bench.resolve(session, done);
  const swept = new Set<number>();
  await expect
    .poll(
      async () => {
        for (const id of await freeDependents(database, owner)) swept.add(id);
        return swept.size;
      },
      { interval: 1, timeout: 20_000 },
    )
    .toBe(18);
});
