import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import { issueStop, readControl } from './index.ts';
test('smoke', async () => {
  const { database } = await testDatabase();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  const stage = () => Promise.resolve();
  const issuer = { actorId: 'operator', kind: 'operator' } as const;
  const one = await database.transaction((tx) =>
    issueStop(tx, { workspaceId, stage }, { level: 2, reason: 'x', issuer, via: 'api' }),
  );
  expect(one.command.sequence).toBe(1);
  expect(await readControl(database, workspaceId)).toMatchObject({ stopLevel: 2 });
});
