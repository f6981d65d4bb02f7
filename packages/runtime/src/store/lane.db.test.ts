import pg from 'pg';
import { expect, test } from 'vitest';
import { numbersOf, numbersTable } from './testing/numbers.ts';

test('statements of a lane run in the order of the calls, without waiting for each other’s answers', async () => {
  const { database } = await numbersTable();
  const lane = database.lane();
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => lane.query('insert into number (n) values ($1)', [n])),
  );
  expect(await numbersOf(database)).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('each is its own transaction: one that fails does not touch the others', async () => {
  const { database } = await numbersTable();
  const lane = database.lane();
  const outcomes = await Promise.allSettled([
    lane.query('insert into number (n) values (1)'),
    lane.query('insert into number (n) values (1 / 0)'),
    lane.query('insert into number (n) values (2)'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await numbersOf(database)).toEqual([1, 2]);
});

test('a lane holds its connection only while something is under way', async () => {
  const { database } = await numbersTable({ connections: 2 });
  const lane = database.lane();
  await Promise.all([lane.query('select 1'), lane.query('select 2')]);
  // Both connections of the pool are there for two transactions at once.
  const both = Promise.withResolvers<void>();
  let inside = 0;
  const enter = (): Promise<void> =>
    database.transaction(async (tx) => {
      await tx.query('select 1');
      inside += 1;
      if (inside === 2) both.resolve();
      await both.promise;
    });
  await Promise.all([enter(), enter()]);
  expect(inside).toBe(2);
});

test('when the connection is lost, what is under way fails with an unknown outcome, and the lane goes on', async () => {
  const { database, connection } = await numbersTable();
  const lane = database.lane();
  const [row] = await lane.query<{ pid: number }>('select pg_backend_pid() as pid');
  const sleeping = lane.query('select pg_sleep(60)');
  const behind = lane.query('insert into number (n) values (1)');
  const lost = Promise.allSettled([sleeping, behind]);
  const admin = new pg.Client(connection);
  await admin.connect();
  await expect
    .poll(async () => {
      const { rows } = await admin.query(
        `select pid from pg_stat_activity where query like 'select pg_sleep%' and state = 'active' and pid = $1`,
        [row?.pid],
      );
      return rows.length;
    })
    .toBe(1);
  await admin.query('select pg_terminate_backend($1, 5000)', [row?.pid]);
  await admin.end();
  for (const outcome of await lost) {
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { code: 'KORA_STORE_UNREACHABLE', details: { outcome: 'unknown' } },
    });
  }
  await lane.query('insert into number (n) values (2)');
  expect(await numbersOf(database)).toEqual([2]);
});
