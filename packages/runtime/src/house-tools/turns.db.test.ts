import { beforeAll, expect, test } from 'vitest';
import type { KoraError } from '../fault/index.ts';
import type { Database } from '../store/index.ts';
import { fileDatabase } from '../store/testing/database.ts';
import { pruneTurns, takeTurn } from './index.ts';

let database: Database;
beforeAll(async () => {
  const made = await fileDatabase();
  ({ database } = made);
  return made.drop;
});

const take = (workspaceId: number, key: string, perHour = 5): Promise<string> =>
  database
    .transaction((tx) => takeTurn(tx, workspaceId, { tool: 'tell', key, perHour }))
    .then(
      () => 'taken',
      (error: unknown) => (error as KoraError).code,
    );

test('an hour has so many turns, however many ask at once, and from whichever runtime (daemon defect W59)', async () => {
  const asked = await Promise.all(Array.from({ length: 12 }, (_, n) => take(1, `call-${n}`)));
  expect(asked.filter((each) => each === 'taken')).toHaveLength(5);
  expect(new Set(asked)).toEqual(new Set(['taken', 'KORA_OPERATION_REFUSED']));
  expect(await take(2, 'call-0')).toBe('taken');
});

test('the hour rolls: a turn comes back an hour after it was taken, and is not counted in memory', async () => {
  await Promise.all(Array.from({ length: 5 }, (_, n) => take(3, `call-${n}`)));
  expect(await take(3, 'later')).toBe('KORA_OPERATION_REFUSED');
  await database.query(`update kora.tool_use set at = at - interval '59 minutes' where workspace_id = 3`);
  expect(await take(3, 'later')).toBe('KORA_OPERATION_REFUSED');
  await database.query(
    `update kora.tool_use set at = at - interval '2 minutes' where workspace_id = 3 and call_id = 'call-0'`,
  );
  expect([await take(3, 'later'), await take(3, 'too late')]).toEqual(['taken', 'KORA_OPERATION_REFUSED']);
});

test('the same call takes one turn, and what rolls back takes none; none at all can be had of 0', async () => {
  expect([await take(4, 'a', 1), await take(4, 'a', 1), await take(4, 'b', 1)]).toEqual([
    'taken',
    'taken',
    'KORA_OPERATION_REFUSED',
  ]);
  const undone = database.transaction(async (tx) => {
    await takeTurn(tx, 5, { tool: 'tell', key: 'a', perHour: 1 });
    throw new TypeError('the message was refused');
  });
  await expect(undone).rejects.toThrow('refused');
  expect(await take(5, 'b', 1)).toBe('taken');
  expect(await take(6, 'a', 0)).toBe('KORA_OPERATION_REFUSED');
});

test('what no hour counts any more is forgotten', async () => {
  await take(7, 'old');
  await database.query(`update kora.tool_use set at = at - interval '3 days' where workspace_id = 7`);
  await take(7, 'new');
  await pruneTurns(database, 7);
  const rows = await database.query('select call_id from kora.tool_use where workspace_id = 7');
  expect(rows).toEqual([{ call_id: 'new' }]);
});
