import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import type { OperationSpec } from '../contract.ts';
import { ticketBench } from '../testing/bench.ts';
import { hold, ledgerOver, lose, refusal } from '../testing/ledger.ts';
import { readHistory } from '../view/history.ts';

const charge: OperationSpec = { id: 'charge', tool: 'bank', sideEffects: 'once', request: { cents: 500 } };

test('operations, notes and progress are kept alike on every store, and an earlier holder writes nothing', async () => {
  const { database } = await testDatabase();
  const bench = await ticketBench({ database });
  const { ticketId } = await bench.add();
  const first = await hold(bench, ticketId);
  const { ledger } = ledgerOver(database, bench.owner.workspaceId);
  const lost = first.work.operation({ ...charge, sideEffects: 'idempotent' }, async () => {
    throw new Error('no answer');
  });
  await expect(lost).rejects.toThrow('no answer');
  await first.work.note('one');
  first.work.progress({ percent: 5 });
  expect(await first.progress.flush()).toBe(1);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'in_progress', progress: { percent: 5 } });
  await lose(bench, first);

  const second = await hold(bench, ticketId);
  expect(await refusal(first.work.note('late'))).toBe('KORA_TICKET_STALE_FENCE');
  expect(await refusal(first.work.operation(charge, async () => 'late'))).toBe('KORA_TICKET_STALE_FENCE');
  first.work.progress({ percent: 99 });
  expect(await first.progress.flush()).toBe(0);
  const idempotent = { ...charge, sideEffects: 'idempotent' } as const;
  expect(await second.work.operation(idempotent, async (key) => ({ key, empty: null }))).toEqual({
    key: expect.stringMatching(new RegExp(`^kora-${bench.owner.workspaceId}-${ticketId}-[0-9a-z]+-charge$`)),
    empty: null,
  });
  await second.work.note('two');
  const { notes } = await readHistory(database, bench.owner.workspaceId, ticketId);
  expect(notes.map(({ text }) => text)).toEqual(['one', 'two']);
  expect(await ledger.list(ticketId)).toMatchObject([
    { status: 'committed', dispatches: 2, fence: second.claim.fence, result: { empty: null } },
  ]);
});
