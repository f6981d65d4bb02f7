import { expect, test } from 'vitest';
import { removeSentinel, writeSentinel } from './control/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { issueStop } from './state/index.ts';
import type { StopLevel } from './state/index.ts';
import { testDatabase } from './store/testing/database.ts';
import { strictestStop } from './strictest-stop.ts';
import { ensureWorkspace } from './workspace/index.ts';

test('of commands and the sentinel the strictest is told, with who and why; of two alike the command', async () => {
  const { database } = await testDatabase();
  const directory = testFolder();
  const workspace = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  const context = { workspaceId: workspace.workspaceId, stage: () => Promise.resolve() };
  const issuer = { actorId: 'operator', kind: 'operator' } as const;
  const issue = (level: StopLevel, reason: string): Promise<unknown> =>
    database.transaction((tx) => issueStop(tx, context, { level, reason, issuer, via: 'api' }));
  const now = () => strictestStop({ home: { directory } }, { database, workspace });

  expect(await now()).toBeNull();
  await issue(1, 'a deploy');
  await issue(2, 'a drain');
  expect(await now()).toMatchObject({
    level: 2,
    reason: 'a drain',
    by: 'operator',
    via: 'api',
    expiresAt: null,
  });
  const at = '2026-11-21T12:00:00.000Z';
  writeSentinel(directory, { level: 2, reason: 'by hand', by: 'operator', at });
  expect(await now()).toMatchObject({ level: 2, via: 'api' });
  writeSentinel(directory, { level: 3, reason: 'it hangs', by: 'operator', at });
  expect(await now()).toEqual({
    level: 3,
    reason: 'it hangs',
    by: 'operator',
    via: 'sentinel',
    since: at,
    expiresAt: null,
  });
  removeSentinel(directory);
  await issue(0, 'go on');
  expect(await now()).toBeNull();
});
