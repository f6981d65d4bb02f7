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
  expect(await clearHolds(database, 1, { by: 'operator', reason: 'back' })).toEqual([hold]);
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

test('workspaces hold each for itself', async () => {
  const { database } = await house();
  await addHold(database, 1, rewound);
  expect(await addHold(database, 2, rewound)).toBeDefined();
  await clearHolds(database, 2, { by: 'operator', reason: 'x', holdId: 1 });
  expect(await openHolds(database, 1)).toHaveLength(1);
});
