import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draft } from './chain/index.ts';
import { noted, testChain } from './chain/testing/chain.ts';
import type { TestChain } from './chain/testing/chain.ts';
import { systemClock } from './clock/index.ts';
import { readKnownEpoch, rememberEpoch } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { openHolds, raiseEpoch, readControl, readEpoch, stateEvents } from './state/index.ts';
import { isStoreAway, openPool } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';
import type { TestDatabase } from './store/testing/database.ts';
import {
  acceptStore,
  epochEvidence,
  holdForEpoch,
  lookAtEpoch,
  refuseStrangeStore,
  rememberStore,
} from './store-life.ts';

interface Setting extends TestChain, TestDatabase {
  readonly home: string;
  readonly rooms: Parameters<typeof holdForEpoch>[0];
}

/** A home that knows its store, in which something happened. */
async function setting(): Promise<Setting> {
  const made = await testChain();
  await made.chain.declare('kora', stateEvents);
  await made.chain.appendSealed(draft(noted, { n: 1 }));
  const home = testFolder();
  await rememberStore(home, made.database);
  const workspace = { workspaceId: made.workspaceId, name: 'default' };
  return { ...made, home, rooms: { database: made.database, workspace, chain: made.chain } };
}

const raise = ({ database }: Setting): Promise<number> =>
  raiseEpoch(database, { by: 'operator', reason: 'a test' });

const accept = ({ home, workspaceId, database }: Setting) =>
  database.transaction((tx) => acceptStore(tx, { home, workspaceId, by: 'operator', reason: 'it is fine' }));

test('an empty store is nobody’s, and is taken without a question', async () => {
  const { database } = await testDatabase({ empty: true });
  expect(await refuseStrangeStore(testFolder(), database, false)).toBe(true);
  const migrated = await testDatabase();
  expect(await refuseStrangeStore(testFolder(), migrated.database, false)).toBe(true);
});

test('a store that holds events and that the home never saw is refused, naming the flag that takes it', async () => {
  const { database } = await setting();
  const home = testFolder();
  await expect(refuseStrangeStore(home, database, false)).rejects.toMatchObject({
    code: 'KORA_STORE_STRANGE',
    fix: `kora up --adopt --home ${home}`,
  });
  expect(await refuseStrangeStore(home, database, true)).toBe(true);
});

test('half a store is refused by everybody, also by who would adopt it', async () => {
  const { database, home } = await setting();
  await database.query('create table kora.unfinished_transfer ()');
  for (const adopt of [false, true]) {
    await expect(refuseStrangeStore(home, database, adopt)).rejects.toMatchObject({
      code: 'KORA_STORE_UNFINISHED',
    });
  }
});

test('a home that knows a store does not wake up on an empty one', async () => {
  const { home } = await setting();
  for (const empty of [true, false]) {
    const { database } = await testDatabase({ empty });
    await expect(refuseStrangeStore(home, database, false)).rejects.toThrow('it is empty');
  }
  const another = await setting();
  await expect(refuseStrangeStore(home, another.database, false)).rejects.toThrow('it has another id');
});

test('the store that the home knows passes, and says its epoch', async () => {
  const { home, database, rooms } = await setting();
  expect(await refuseStrangeStore(home, database, false)).toBe(false);
  expect(await epochEvidence(home, rooms)).toBe('epoch 1');
});

test('a raised epoch is a mismatch until it is accepted, and holds once', async () => {
  const made = await setting();
  const { home, rooms, database, workspaceId } = made;
  await raise(made);
  await expect(epochEvidence(home, rooms)).rejects.toMatchObject({ code: 'KORA_EPOCH_MISMATCH' });
  for (let look = 0; look < 2; look += 1) await holdForEpoch(rooms, await lookAtEpoch(home, rooms));
  expect(await openHolds(database, workspaceId)).toMatchObject([{ cause: 'dr', owner: 'gate:3b_epoch' }]);
  const { holds } = await readControl(database, workspaceId);
  expect(holds.map(({ particulars }) => particulars)).toEqual([{ observed_epoch: 2, known_epoch: 1 }]);
  await rememberEpoch(home, await accept(made));
  expect(await epochEvidence(home, rooms)).toBe('epoch 2');
});

test('what one runtime’s operator accepted, the others take over into their homes', async () => {
  const made = await setting();
  const other = testFolder();
  await rememberStore(other, made.database);
  await raise(made);
  await rememberEpoch(made.home, await accept(made));
  expect(await epochEvidence(other, made.rooms)).toContain('accepted by another');
  expect(await readKnownEpoch(other)).toMatchObject({ epoch: 2 });
  expect(await epochEvidence(other, made.rooms)).toBe('epoch 2');
});

test('a store that went back is a mismatch, though its older epoch was accepted once', async () => {
  const made = await setting();
  const { home, rooms, database } = made;
  await raise(made);
  await rememberEpoch(home, await accept(made));
  const { storeId } = await readEpoch(database);
  const ahead = testFolder();
  for (const folder of [home, ahead]) await rememberEpoch(folder, { storeId, epoch: 5 });
  await expect(epochEvidence(home, rooms)).rejects.toThrow(
    'went back: it is in epoch 2, this home accepted 5',
  );
  // Accepted, it is raised above everything that was known, so that the other home can see it.
  await rememberEpoch(home, await accept(made));
  expect(await readKnownEpoch(home)).toMatchObject({ epoch: 6 });
  expect((await lookAtEpoch(ahead, rooms)).verdict).toBe('accepted');
});

test.each([0, 7])(
  'people who accept while a look is under way are not asked again (store behind by %i)',
  async (ahead) => {
    const made = await setting();
    const { home, rooms, database, workspaceId } = made;
    const { storeId } = await readEpoch(database);
    if (ahead > 0) await rememberEpoch(home, { storeId, epoch: ahead });
    else await raise(made);
    const look = await lookAtEpoch(home, rooms);
    expect(look.verdict).toBe('mismatch');
    await accept(made);
    await holdForEpoch(rooms, look);
    expect(await openHolds(database, workspaceId)).toEqual([]);
  },
);

test('what a home kept of another store goes aside; of the same store, or of one it forgot, it stays', async () => {
  const made = await setting();
  const { home, database } = made;
  const kept = async (): Promise<void> => {
    for (const folder of ['checkpoints', 'spool']) {
      await mkdir(join(home, folder), { recursive: true });
      await writeFile(join(home, folder, 'default'), folder);
    }
  };
  await kept();
  expect(await rememberStore(home, database)).toBeUndefined();
  const before = await readEpoch(database);
  const another = await setting();
  for (const n of ['', '.2']) {
    await rememberEpoch(home, before);
    await kept();
    const aside = join(home, `of-store-${before.storeId}-epoch-1${n}`);
    expect(await rememberStore(home, another.database)).toBe(aside);
    expect(await readFile(join(aside, 'checkpoints', 'default'), 'utf8')).toBe('checkpoints');
    expect(await readdir(aside)).toEqual(['checkpoints', 'spool']);
    expect(await readdir(home)).not.toContain('spool');
  }
  await kept();
  await rm(join(home, 'epoch.json'));
  expect(await rememberStore(home, another.database)).toBeUndefined();
  expect(await readdir(home)).toContain('checkpoints');
});

test('a failed read is an outage and no mismatch', async () => {
  const { home, rooms, connection } = await setting();
  await using database = openPool({
    connection: { ...connection, port: 1 },
    server: { kind: 'url', description: 'away' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  const error: unknown = await epochEvidence(home, { ...rooms, database }).catch((reason: unknown) => reason);
  expect(isStoreAway(error)).toBe(true);
});

test('a damaged memory is named, not taken for a new home', async () => {
  const { home, rooms } = await setting();
  await writeFile(join(home, 'epoch.json'), '{"epoch":');
  await expect(epochEvidence(home, rooms)).rejects.toMatchObject({ code: 'KORA_HOME_UNREADABLE' });
});
