import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import type { TestDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import { addHold, clearHolds, openHolds } from './index.ts';
import type { NewHold } from './index.ts';

const pause: NewHold = { cause: 'operator', owner: 'ada', reason: 'lunch' };
const rewound: NewHold = { cause: 'chain', owner: 'gate:5_chain_head', reason: 'event 5 is changed' };

/** A workspace with its operator: number 1 of a new database. */
async function house(): Promise<TestDatabase> {
  const made = await testDatabase();
  await made.database.transaction((tx) => ensureWorkspace(tx, 'default'));
  return made;
}

test('a hold is in force until it is cleared, and keeps who placed it and why', async () => {
  const { database } = await house();
  const hold = await addHold(database, 1, pause);
  expect(hold).toMatchObject({ ...pause, expiresAt: null });
  expect(new Date(hold?.since ?? '').toISOString()).toBe(hold?.since);
  expect(await openHolds(database, 1)).toEqual([hold]);
  expect(await clearHolds(database, 1, { by: 'operator', reason: 'back' })).toEqual([
    { ...hold, clearedEvent: expect.any(String) },
  ]);
  expect(await openHolds(database, 1)).toEqual([]);
});

test('operator holds add up, each its own', async () => {
  const { database } = await house();
  await addHold(database, 1, pause);
  await addHold(database, 1, pause);
  expect(await openHolds(database, 1)).toHaveLength(2);
});

test('a fault that is found again keeps its first hold', async () => {
  const { database } = await house();
  const first = await addHold(database, 1, rewound);
  expect(await addHold(database, 1, { ...rewound, reason: 'again' })).toBeUndefined();
  expect(await openHolds(database, 1)).toEqual([first]);
});

test('a bare clear takes operator holds and no others', async () => {
  const { database } = await house();
  await addHold(database, 1, pause);
  const kept = await addHold(database, 1, rewound);
  await addHold(database, 1, { cause: 'cost', owner: 'ladder', reason: '100%' });
  await clearHolds(database, 1, { by: 'operator', reason: 'resume' });
  expect((await openHolds(database, 1)).map(({ cause }) => cause)).toEqual(['chain', 'cost']);
  await clearHolds(database, 1, { by: 'operator', reason: 'checked', holdId: kept?.holdId ?? 0 });
  expect((await openHolds(database, 1)).map(({ cause }) => cause)).toEqual(['cost']);
});

test('a hold is cleared once', async () => {
  const { database } = await house();
  const hold = await addHold(database, 1, pause);
  const clear = { by: 'operator', reason: 'x', holdId: hold?.holdId ?? 0 };
  const both = await Promise.all([clearHolds(database, 1, clear), clearHolds(database, 1, clear)]);
  expect(both.flat()).toHaveLength(1);
});

test('a hold whose time is over is not in force, and the same fault may be held anew', async () => {
  const { database } = await house();
  await addHold(database, 1, { ...rewound, forMs: 60_000 });
  await database.query(`update kora.hold set expires_at = clock_timestamp() - interval '1 s'`);
  expect(await openHolds(database, 1)).toEqual([]);
  expect(await addHold(database, 1, { ...rewound, reason: 'again' })).toMatchObject({
    reason: 'again',
    expiresAt: null,
  });
  expect(await openHolds(database, 1)).toHaveLength(1);
});

test('whoever is no operator clears its own and nothing else, also by its number (defect 5)', async () => {
  const { database } = await house();
  await database.query(
    `insert into kora.actor (workspace_id, actor_id, kind, active) values
       (1, 'desk', 'mcp', true), (1, 'shop', 'plugin', true), (1, 'ada', 'operator', false)`,
  );
  const causes = ['operator', 'cost', 'dr', 'chain'] as const;
  for (const cause of causes) await addHold(database, 1, { cause, owner: `owner of ${cause}`, reason: 'x' });
  const own = await addHold(database, 1, { cause: 'operator', owner: 'desk', reason: 'a question' });
  const everything = await openHolds(database, 1);
  for (const by of ['desk', 'shop', 'kora', 'nobody', 'ada']) {
    for (const { holdId } of everything.filter((hold) => hold.holdId !== own?.holdId))
      expect(await clearHolds(database, 1, { by, reason: 'cost 100%; kora.boot.ready', holdId })).toEqual([]);
  }
  expect(await openHolds(database, 1)).toEqual(everything);
  expect(await clearHolds(database, 1, { by: 'desk', reason: 'answered' })).toEqual([
    { ...own, clearedEvent: expect.any(String) },
  ]);
  const before = await openHolds(database, 1);
  expect(await clearHolds(database, 1, { by: 'operator', reason: 'resume' })).toHaveLength(1);
  const kept = (await openHolds(database, 1)).map(({ cause }) => cause);
  expect([before.length, kept]).toEqual([4, ['cost', 'dr', 'chain']]);
});

test('the database refuses to clear what is another’s, whatever a statement says (defect 5)', async () => {
  const { database } = await house();
  await addHold(database, 1, rewound);
  const clear = `update kora.hold set cleared_at = clock_timestamp(), cleared_by = $1`;
  for (const by of ['kora', 'desk', null])
    await expect(database.query(clear, [by])).rejects.toMatchObject({ code: 'KR003' });
  expect(await openHolds(database, 1)).toHaveLength(1);
  await database.query(clear, [rewound.owner]);
  expect(await openHolds(database, 1)).toEqual([]);
});

test('workspaces hold each for itself', async () => {
  const { database } = await house();
  await addHold(database, 1, rewound);
  expect(await addHold(database, 2, rewound)).toBeDefined();
  await clearHolds(database, 2, { by: 'operator', reason: 'x', holdId: 1 });
  expect(await openHolds(database, 1)).toHaveLength(1);
});
