import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { attemptCeiling, reapTickets } from '../index.ts';
import type { Reaped } from '../index.ts';
import { claimBench } from '../testing/claims.ts';
import type { ClaimBench } from '../testing/claims.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

/** Claims what is there in a session that dies of it. */
async function perish(bench: ClaimBench): Promise<readonly Reaped[]> {
  await bench.passTime();
  const session = await bench.session();
  await bench.take(session);
  await bench.expire(session);
  return reapTickets(database, bench.owner, 100);
}

async function outcomes(bench: ClaimBench): Promise<unknown> {
  return database.query(
    `select resolution, fence, attempts, assigned_to as "assignedTo" from kora.ticket_outcome where workspace_id = $1
     order by fence`,
    [bench.owner.workspaceId],
  );
}

test('what a dead session held goes back with its fence and an outcome, to whom it was assigned', async () => {
  const bench = await claimBench(database);
  const [ticketId = 0] = await bench.ready({ assignedTo: 'worker-1', critical: true, priority: 1 });
  const session = await bench.session();
  await bench.take(session, { assignedTo: 'worker-1' });
  expect(await reapTickets(database, bench.owner, 100)).toEqual([]);
  await bench.expire(session);
  expect(await reapTickets(database, bench.owner, 100)).toEqual([
    { ticketId, attempts: 1, epoch: expect.any(Number) as number, ceiling: false },
  ]);
  expect(await outcomes(bench)).toEqual([
    { resolution: 'expired', fence: 1, attempts: 1, assignedTo: 'worker-1' },
  ]);
  const [claim] = await bench.take(await bench.session(), { assignedTo: 'worker-1' });
  expect(claim).toMatchObject({ ticketId, fence: 2, attempts: 2, critical: true, priority: 1 });
});

test('a lease whose deadline has passed goes back though its session lives', async () => {
  const bench = await claimBench(database);
  const [late = 0] = await bench.ready({ count: 2 });
  const session = await bench.session();
  await bench.take(session);
  await database.query(
    `update kora.ticket_lease set deadline = clock_timestamp() - interval '1 second' where workspace_id = $1 and ticket_id = $2`,
    [bench.owner.workspaceId, late],
  );
  expect((await reapTickets(database, bench.owner, 100)).map(({ ticketId }) => ticketId)).toEqual([late]);
});

test('no more are reaped at once than asked for', async () => {
  const bench = await claimBench(database);
  await bench.ready({ count: 9 });
  const session = await bench.session();
  await bench.take(session);
  await bench.expire(session);
  expect(await reapTickets(database, bench.owner, 5)).toHaveLength(5);
  expect(await reapTickets(database, bench.owner, 5)).toHaveLength(4);
});

test('the tenth attempt that ends without a word says so, and the ticket waits for the operator', async () => {
  const bench = await claimBench(database);
  const [ticketId = 0] = await bench.ready({});
  const ceilings: boolean[] = [];
  for (let n = 0; n < attemptCeiling; n += 1) {
    ceilings.push(...(await perish(bench)).map(({ ceiling }) => ceiling));
  }
  expect(ceilings).toEqual([...Array.from({ length: attemptCeiling - 1 }, () => false), true]);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'blocked_needs_operator' });
  expect(await perish(bench)).toEqual([]);
});

test('a new epoch of the store gives a ticket its attempts again', async () => {
  const bench = await claimBench(database);
  await bench.ready({});
  for (let n = 1; n < attemptCeiling; n += 1) await perish(bench);
  await database.query(
    `insert into kora.store_epoch (epoch, raised_by, reason) select max(epoch) + 1, 'test', 'restored' from kora.store_epoch`,
  );
  expect(await perish(bench)).toMatchObject([{ attempts: 1, ceiling: false }]);
});
