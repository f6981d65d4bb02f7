import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { ClaimHints } from '../index.ts';
import { claimBench } from '../testing/claims.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

test('a ticket that comes in below the hint is found within a turn: after a second, or when nothing else is there', async () => {
  const bench = await claimBench(database);
  const clock = new FakeClock();
  const hints = new ClaimHints(clock);
  const session = await bench.session();
  await bench.ready({ count: 6, waitedMs: 60_000 });
  expect(await bench.take(session, { total: 2, hints })).toHaveLength(2);
  // Committed only now, and older than everything that was taken.
  const [late] = await bench.ready({ waitedMs: 3_600_000 });
  const next = await bench.take(session, { total: 2, hints });
  expect(next.map(({ ticketId }) => ticketId)).not.toContain(late);
  await clock.advance(1_000);
  expect((await bench.take(session, { total: 1, hints })).map(({ ticketId }) => ticketId)).toEqual([late]);

  expect(await bench.take(session, { total: 2, hints })).toHaveLength(2);
  const [last] = await bench.ready({ waitedMs: 3_600_000 });
  expect(await bench.take(session, { total: 2, hints })).toEqual([]);
  expect((await bench.take(session, { total: 2, hints })).map(({ ticketId }) => ticketId)).toEqual([last]);
});

test('hints of one kind and priority hide nothing of another', async () => {
  const bench = await claimBench(database);
  const hints = new ClaimHints(new FakeClock());
  const session = await bench.session();
  await bench.ready({ count: 4 });
  expect(await bench.take(session, { total: 1, hints })).toHaveLength(1);
  const [low, other] = await bench.ready(
    { priority: 3, waitedMs: 9_000 },
    { kind: 'other', waitedMs: 9_000 },
  );
  const wants = [{ kind: 'test' }, { kind: 'other' }];
  const claims = await bench.take(session, { wants, hints });
  expect(claims.map(({ ticketId }) => ticketId)).toEqual(expect.arrayContaining([low, other]));
});
