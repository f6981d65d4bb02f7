import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { forgetAsked, once } from './once.ts';

const asking = { workspaceId: 1, key: 'k', deed: 'stop', wish: { level: 1 } };

test('the same key does a thing once, also when it is asked at the same time, and answers what was done', async () => {
  const { database } = await testDatabase();
  let done = 0;
  const ask = () =>
    database.transaction((tx) => once(tx, asking, () => Promise.resolve({ done: (done += 1), by: null })));
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(
    Array.from({ length: 3 }, () => ({ done: 1, by: null })),
  );
  expect(await ask()).toEqual({ done: 1, by: null });
});

test('without a key every asking is a new one', async () => {
  const { database } = await testDatabase();
  let done = 0;
  for (let n = 0; n < 2; n += 1)
    await database.transaction((tx) =>
      once(tx, { ...asking, key: undefined }, () => Promise.resolve({ done: (done += 1) })),
    );
  expect(done).toBe(2);
});

test.each([{ deed: 'pause' }, { wish: { level: 2 } }])('a key belongs to one wish: %j', async (other) => {
  const { database } = await testDatabase();
  await database.transaction((tx) => once(tx, asking, () => Promise.resolve({})));
  const again = database.transaction((tx) => once(tx, { ...asking, ...other }, () => Promise.resolve({})));
  await expect(again).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
});

test('what failed was not asked: the key is free again', async () => {
  const { database } = await testDatabase();
  const failing = database.transaction((tx) => once(tx, asking, () => Promise.reject(new Error('no'))));
  await expect(failing).rejects.toThrow('no');
  expect(await database.transaction((tx) => once(tx, asking, () => Promise.resolve({ n: 2 })))).toEqual({
    n: 2,
  });
});

test('workspaces ask each for itself, and what is old is forgotten', async () => {
  const { database } = await testDatabase();
  const ask = (workspaceId: number, n: number) =>
    database.transaction((tx) => once(tx, { ...asking, workspaceId }, () => Promise.resolve({ n })));
  expect([await ask(1, 1), await ask(2, 2)]).toEqual([{ n: 1 }, { n: 2 }]);
  await database.query(
    `update kora.asked set asked_at = clock_timestamp() - interval '8 days' where workspace_id = 1`,
  );
  await forgetAsked(database, 1, 7);
  await forgetAsked(database, 2, 7);
  expect([await ask(1, 3), await ask(2, 3)]).toEqual([{ n: 3 }, { n: 2 }]);
});
