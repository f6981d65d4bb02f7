import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { openPool } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { ensureWorkspace, hasCanonicalActor, koraActor, operatorActor } from './index.ts';

test('a new workspace has its two actors and the start of its chain', async () => {
  const { database } = await testDatabase();
  const { workspaceId, name } = await database.transaction((tx) => ensureWorkspace(tx, 'home'));
  expect(name).toBe('home');
  expect(await database.query('select actor_id as actor, active from kora.actor order by 1')).toEqual([
    { actor: koraActor, active: true },
    { actor: operatorActor, active: true },
  ]);
  expect(await database.query('select workspace_id as id, seq, hash from kora.chain_head')).toEqual([
    { id: workspaceId, seq: 0, hash: Buffer.alloc(32) },
  ]);
});

test('a workspace that is there is found, and nothing is made again', async () => {
  const { database } = await testDatabase();
  const first = await database.transaction((tx) => ensureWorkspace(tx, 'home'));
  expect(await database.transaction((tx) => ensureWorkspace(tx, 'home'))).toEqual(first);
  expect(await database.query('select from kora.actor')).toHaveLength(2);
});

test('many runtimes that start at once on an empty store make one workspace', async () => {
  const { database, connection } = await testDatabase();
  await using other = openPool({
    connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      (n % 2 === 0 ? database : other).transaction((tx) => ensureWorkspace(tx, 'home')),
    ),
  );
  expect(new Set(made.map(({ workspaceId }) => workspaceId)).size).toBe(1);
  expect(await database.query('select from kora.chain_head')).toHaveLength(1);
});

test.each(['', 'Home', '1st', 'a b', 'a'.repeat(64)])(
  'the store takes no workspace called %j',
  async (name) => {
    const { database } = await testDatabase();
    const made = database.transaction((tx) => ensureWorkspace(tx, name));
    await expect(made).rejects.toMatchObject({ code: '23514' });
  },
);

test('the canonical actor must be there, active, and kora’s own kind', async () => {
  const { database } = await testDatabase();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'home'));
  expect(await hasCanonicalActor(database, workspaceId)).toBe(true);
  expect(await hasCanonicalActor(database, workspaceId + 1)).toBe(false);
  await database.query(`update kora.actor set kind = 'plugin' where actor_id = 'kora'`);
  expect(await hasCanonicalActor(database, workspaceId)).toBe(false);
});
