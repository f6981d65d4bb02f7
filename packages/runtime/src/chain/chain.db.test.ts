import { expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../clock/index.ts';
import { Scope } from '../scope/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import { Chain } from './chain.ts';
import { draft, eventType, Vocabulary } from './vocabulary.ts';

const noted = eventType('test.noted', 'Something was noted.', z.object({ n: z.number() }));

async function openChain() {
  const { database } = await testDatabase();
  const scope = new Scope('test');
  const workspace = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  const clock = systemClock();
  const owner = {
    workspaceId: workspace.workspaceId,
    runtimeId: clock.uuid(),
    sessionId: clock.uuid(),
    actorId: 'kora',
  };
  const chain = new Chain({
    database,
    owner,
    vocabulary: new Vocabulary(),
    clock,
    scope,
    onError: (_, error) => {
      throw error;
    },
  });
  await chain.start();
  await chain.declare('test', [noted]);
  return { chain, database, scope };
}

test('events staged in one transaction are sealed in order and verify', async () => {
  const { chain, scope } = await openChain();
  await chain.append([1, 2, 3].map((n) => draft(noted, { n })));
  const seq = await chain.appendSealed(draft(noted, { n: 4 }));
  expect(seq).toBe(4);
  const events = await chain.read({ type: 'test' });
  expect(events.map(({ payload }) => payload['n'])).toEqual([1, 2, 3, 4]);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 4 });
  await scope.dispose();
});
