import pg from 'pg';
import { expect, test } from 'vitest';
import { FakeClock, systemClock } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { openPool } from './index.ts';
import type { Database } from './index.ts';
import { testDatabase } from './testing/database.ts';

interface House {
  readonly connection: pg.ClientConfig;
  readonly errors: unknown[];
  open(clock?: Clock): Database;
}

async function house(): Promise<House> {
  const { connection } = await testDatabase({ empty: true });
  const errors: unknown[] = [];
  return {
    connection,
    errors,
    open: (clock = systemClock()) =>
      openPool({
        connection,
        server: { kind: 'url', description: 'test' },
        clock,
        onIdleError: (error) => errors.push(error),
      }),
  };
}

/** Runs one statement as somebody else. */
async function elsewhere(connection: pg.ClientConfig, text: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query<object>(text);
  await client.end();
  return rows;
}

const listeners = `from pg_stat_activity where application_name = 'kora notifications' and datname = current_database()`;
const countOf = async ({ connection }: House): Promise<number> =>
  (await elsewhere(connection, `select pid ${listeners}`)).length;
const endAll = (at: House): Promise<unknown> =>
  elsewhere(at.connection, `select pg_terminate_backend(pid, 5000) ${listeners}`);

test('a notification of one runtime wakes the other', async () => {
  const at = await house();
  await using one = at.open();
  await using other = at.open();
  let woken = 0;
  await other.listen('sealed', () => (woken += 1));
  one.notify('sealed');
  await expect.poll(() => woken).toBe(1);
});

test('many notifications in one breath are one', async () => {
  const at = await house();
  await using database = at.open();
  const woken: string[] = [];
  await database.listen('first', () => woken.push('first'));
  await database.listen('second', () => woken.push('second'));
  for (let n = 0; n < 100; n += 1) database.notify('first');
  database.notify('second');
  await expect.poll(() => woken.toSorted()).toEqual(['first', 'second']);
});

test('a notification that follows a sent one is sent too', async () => {
  const at = await house();
  await using database = at.open();
  let woken = 0;
  await database.listen('sealed', () => (woken += 1));
  for (let n = 1; n <= 5; n += 1) {
    database.notify('sealed');
    await expect.poll(() => woken).toBe(n);
  }
});

test('two listeners that begin at once on a connection that stands are both woken', async () => {
  const at = await house();
  await using database = at.open();
  await database.listen('other', () => undefined);
  const woken: string[] = [];
  await Promise.all([
    database.listen('sealed', () => woken.push('one')),
    database.listen('sealed', () => woken.push('two')),
  ]);
  await elsewhere(at.connection, 'notify sealed');
  await expect.poll(() => woken.toSorted()).toEqual(['one', 'two']);
});

test('a listener that is disposed is not woken, and the other one still is', async () => {
  const at = await house();
  await using database = at.open();
  const woken: string[] = [];
  const first = await database.listen('sealed', () => woken.push('first'));
  await database.listen('sealed', () => woken.push('second'));
  first[Symbol.dispose]();
  await elsewhere(at.connection, 'notify sealed');
  await expect.poll(() => woken).toEqual(['second']);
});

test('a lost connection is made again, every listener is woken once, and hears from then on', async () => {
  const at = await house();
  const clock = new FakeClock();
  await using database = at.open(clock);
  let woken = 0;
  await database.listen('sealed', () => (woken += 1));
  await endAll(at);
  await expect.poll(() => clock.sleeping).toBe(1);
  expect(at.errors).toHaveLength(1);
  await clock.advance(1_000);
  await expect.poll(() => woken).toBe(1);
  await elsewhere(at.connection, 'notify sealed');
  await expect.poll(() => woken).toBe(2);
  expect(await countOf(at)).toBe(1);
});

test('a connection lost while notifications flow leaves no second one behind', async () => {
  const at = await house();
  const database = at.open();
  let woken = 0;
  await database.listen('sealed', () => (woken += 1));
  for (let round = 0; round < 5; round += 1) {
    const flow = setInterval(() => database.notify('sealed'), 1);
    await endAll(at);
    const before = woken;
    await expect.poll(() => woken).toBeGreaterThan(before);
    clearInterval(flow);
  }
  await expect.poll(() => countOf(at)).toBe(1);
  await database.close();
  await expect.poll(() => countOf(at)).toBe(0);
});

test('a server that is away stops no listener from being made, and is tried with growing pauses', async () => {
  const { connection } = await testDatabase({ empty: true });
  const errors: unknown[] = [];
  const clock = new FakeClock();
  await using database = openPool({
    connection: { ...connection, port: 1 },
    server: { kind: 'url', description: 'test' },
    clock,
    onIdleError: (error) => errors.push(error),
  });
  await database.listen('sealed', () => undefined);
  expect(errors).toHaveLength(1);
  // Half of each pause is drawn, and this clock draws the middle: 75 ms, then 150, then 300.
  for (const [at, pause] of [75, 150, 300].entries()) {
    await clock.advance(pause - 1);
    expect(errors).toHaveLength(at + 1);
    await clock.advance(1);
    await expect.poll(() => errors.length).toBe(at + 2);
  }
});

test('closing ends the connection, and nothing opens one afterwards', async () => {
  const at = await house();
  const database = at.open();
  await database.listen('sealed', () => undefined);
  database.notify('sealed');
  await database.close();
  database.notify('sealed');
  await database.listen('sealed', () => undefined);
  expect(await countOf(at)).toBe(0);
  expect(at.errors).toEqual([]);
});
