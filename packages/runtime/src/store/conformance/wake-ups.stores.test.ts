import { expect, inject, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { openPool } from '../index.ts';
import type { Database } from '../index.ts';
import { testDatabase } from '../testing/database.ts';

async function two(): Promise<{
  readonly one: Database;
  readonly other: Database;
  readonly errors: unknown[];
}> {
  const { database: one, connection } = await testDatabase({ empty: true });
  const errors: unknown[] = [];
  const other = openPool({
    connection,
    server: { kind: inject('storeKind'), description: 'the other' },
    clock: systemClock(),
    onIdleError: (error) => errors.push(error),
  });
  return { one, other, errors };
}

test('a notification of one runtime wakes the other, on its channel alone', async () => {
  const { one, other, errors } = await two();
  await using _closing = other;
  const woken: string[] = [];
  await other.listen('sealed', () => woken.push('sealed'));
  await other.listen('tickets', () => woken.push('tickets'));
  one.notify('nobody');
  one.notify('tickets');
  await expect.poll(() => woken).toEqual(['tickets']);
  one.notify('sealed');
  await expect.poll(() => woken).toEqual(['tickets', 'sealed']);
  expect(errors).toEqual([]);
});

test('a wake-up comes through while others are in transactions', async () => {
  const { one, other } = await two();
  await using _closing = other;
  let woken = 0;
  await other.listen('sealed', () => (woken += 1));
  await one.query('create table busy (n int)');
  const work = Array.from({ length: 16 }, (_, n) =>
    one.transaction(async (tx) => {
      await tx.query('insert into busy values ($1)', [n]);
      tx.afterCommit(() => one.notify('sealed'));
    }),
  );
  await Promise.all(work);
  await expect.poll(() => woken).toBeGreaterThan(0);
  expect(await one.query('select count(*)::int as n from busy')).toEqual([{ n: 16 }]);
});
