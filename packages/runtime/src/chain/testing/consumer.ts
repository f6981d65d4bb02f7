import { onTestFinished } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { draft } from '../index.ts';
import type { ChainEvent, EventDraft, Subscription } from '../index.ts';
import { chainOn, noted } from './chain.ts';
import type { TestChain } from './chain.ts';

/** A consumer that keeps each event it reacts to in a table, in the transaction of its cursor. */
export async function keeping(database: Database, consumer = 'c'): Promise<Subscription['react']> {
  await database.query(
    'create table if not exists kept (consumer text, seq bigint, row bigint generated always as identity)',
  );
  return ({ seq }: ChainEvent) =>
    Promise.resolve(async (tx) => {
      await tx.query('insert into kept (consumer, seq) values ($1, $2)', [consumer, seq]);
    });
}

/** What a consumer kept, in the order it did. */
export async function kept(database: Database, consumer = 'c'): Promise<number[]> {
  const rows = await database.query<{ seq: number }>(
    'select seq from kept where consumer = $1 order by row',
    [consumer],
  );
  return rows.map(({ seq }) => seq);
}

/** Starts a consumer that reads everything from the beginning, if nothing else is asked; it stops with the test. */
export async function subscribe(
  at: Pick<TestChain, 'chain'>,
  options: Partial<Subscription>,
): Promise<() => Promise<void>> {
  const scope = await at.chain.subscribe({
    consumer: 'c',
    types: [],
    from: 'beginning',
    react: () => Promise.resolve(undefined),
    ...options,
  });
  onTestFinished(() => scope.dispose());
  return () => scope.dispose();
}

export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

export function notes(...ns: number[]): EventDraft[] {
  return ns.map((n) => draft(noted, { n }));
}

/** A chain whose retries, beats and looks come quickly. */
export async function hastyChain(): Promise<TestChain & TestDatabase> {
  const made = await testDatabase();
  return { ...made, ...(await chainOn(made.database, { clock: hastyClock() })) };
}

/** A clock that runs a hundred times as fast as any other. */
export function hastyClock(): Clock {
  const clock = systemClock();
  const started = clock.monotonic();
  return {
    ...clock,
    monotonic: () => started + (clock.monotonic() - started) * 100,
    sleep: (ms, signal) => clock.sleep(ms / 100, signal),
  };
}
