import { expect, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { chooseIdentity, readChoice } from './index.ts';

test('the last choice of a workspace is the one in force, and each is an event of who chose', async () => {
  const { database } = await testDatabase();
  const events: EventDraft[] = [];
  const stage = (_: unknown, drafts: readonly EventDraft[]): Promise<void> => {
    events.push(...drafts);
    return Promise.resolve();
  };
  expect(await readChoice(database, 1)).toBeNull();
  for (const name of ['marvin', 'kora'])
    await database.transaction((tx) =>
      chooseIdentity(tx, { workspaceId: 1, stage }, { name, by: 'operator', reason: 'a change' }),
    );
  expect(await readChoice(database, 1)).toBe('kora');
  expect(await readChoice(database, 2)).toBeNull();
  expect(events.map(({ payload, actorId }) => [payload['name'], actorId])).toEqual([
    ['marvin', 'operator'],
    ['kora', 'operator'],
  ]);
});
