import { expect, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import { FakeClock } from '../clock/index.ts';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { countRefusals, pruneRefusals, RefusalBook } from './index.ts';
import type { Refused } from './index.ts';

const runtimeId = '00000000-0000-7000-8000-000000000001';
const one: Refused = { door: 'tool_call', cause: 'stop_l2', caller: 'plugin-x' };
const long = '2020-01-01T00:00:00Z';

async function bookOn(database: Database): Promise<{
  readonly book: RefusalBook;
  readonly clock: FakeClock;
  readonly staged: EventDraft[];
  readonly errors: unknown[];
}> {
  await database.query('select');
  const clock = new FakeClock();
  const staged: EventDraft[] = [];
  const errors: unknown[] = [];
  const book = new RefusalBook({
    database,
    workspaceId: 1,
    runtimeId,
    clock,
    stage: (_tx, drafts) => Promise.resolve(void staged.push(...drafts)),
    onError: (_where, error) => void errors.push(error),
  });
  return { book, clock, staged, errors };
}

const rows = (database: Database): Promise<Record<string, unknown>[]> =>
  database.query(
    'select door, cause, caller, sum(count)::int as count from kora.refusal group by 1, 2, 3 order by 3',
  );

test('a thousand refusals of one caller in a minute are one row and one event', async () => {
  const { database } = await testDatabase();
  const { book, staged } = await bookOn(database);
  for (let asked = 0; asked < 1_000; asked += 1) book.refused(one);
  await book.flush();
  expect(await rows(database)).toEqual([{ ...one, count: 1_000 }]);
  expect(staged).toHaveLength(1);
  expect(staged[0]).toMatchObject({ type: 'kora.admission.refused', payload: { ...one, count: 1_000 } });
});

test('a row that stands is counted on, and raises no second event; nothing refused writes nothing', async () => {
  const { database } = await testDatabase();
  const { book, staged } = await bookOn(database);
  // Both flushes in one minute of the database, even when the test begins at the end of one.
  await database.query(
    `insert into kora.refusal values (1, $1, date_trunc('minute', clock_timestamp() - interval '1 hour'), 'claim',
      'stop_l1', 'old', 2, clock_timestamp() - interval '1 hour', clock_timestamp() - interval '1 hour')`,
    [runtimeId],
  );
  book.refused(one);
  await book.flush();
  await book.flush();
  book.refused(one);
  await book.flush();
  const minutes = await database.query(`select minute from kora.refusal where caller = 'plugin-x'`);
  expect(staged).toHaveLength(minutes.length);
  expect((await rows(database)).at(-1)).toEqual({ ...one, count: 2 });
});

test('what cannot be written while the store refuses is kept with its own time, and written later', async () => {
  const { database } = await testDatabase();
  let away = true;
  const weather: Database = Object.create(database, {
    transaction: {
      value: (work: Parameters<Database['transaction']>[0]) =>
        away ? Promise.reject(new Error('away')) : database.transaction(work),
    },
  }) as Database;
  const { book, clock, errors } = await bookOn(weather);
  const stopping = new AbortController();
  const running = book.run(stopping.signal);
  book.refused(one);
  await clock.advance(1_000);
  await expect.poll(() => errors).toHaveLength(1);
  await clock.advance(119_000);
  book.refused(one);
  away = false;
  stopping.abort();
  await running;
  expect(await rows(database)).toEqual([{ ...one, count: 2 }]);
  const minutes = await database.query<{ apart: number }>(
    'select extract(epoch from max(first_at) - min(first_at))::int as apart from kora.refusal',
  );
  expect(minutes).toEqual([{ apart: 120 }]);
});

test('who floods the door with names is counted under one', async () => {
  const { database } = await testDatabase();
  const { book } = await bookOn(database);
  for (let n = 0; n < 3_000; n += 1) book.refused({ ...one, caller: `guest-${n}` });
  await book.flush();
  const [most] = await database.query('select count from kora.refusal order by count desc limit 1');
  expect(most).toEqual({ count: 2_000 });
  const [all] = await database.query(
    'select count(*)::int as rows, sum(count)::int as refusals from kora.refusal',
  );
  expect(all).toEqual({ rows: 1_001, refusals: 3_000 });
});

test('counts since a time are of rows, by door; old ones are forgotten', async () => {
  const { database } = await testDatabase();
  const { book } = await bookOn(database);
  book.refused(one);
  book.refused({ ...one, door: 'model_call' });
  book.refused({ ...one, door: 'periodic_task' });
  await book.flush();
  const key = { workspaceId: 1, runtimeId };
  const [now] = await database.query<{ at: Date }>(`select clock_timestamp() + interval '1 ms' as at`);
  const after = now?.at.toISOString() ?? '';
  expect(await countRefusals(database, { ...key, since: long })).toBe(3);
  expect(await countRefusals(database, { ...key, since: long, doors: ['tool_call', 'model_call'] })).toBe(2);
  expect(await countRefusals(database, { ...key, since: after })).toBe(0);
  expect(await countRefusals(database, { ...key, workspaceId: 2, since: long })).toBe(0);
  await database.query(`update kora.refusal set first_at = first_at - interval '9 days', last_at = last_at - interval '9 days'
    where door = 'tool_call'`);
  await pruneRefusals(database, 1, 7);
  expect(await countRefusals(database, { ...key, since: long })).toBe(2);
});
