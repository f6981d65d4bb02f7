import { expect, onTestFinished } from 'vitest';
import { FakeClock, systemClock } from '../../clock/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { Spend } from '../index.ts';
import type { Free } from '../index.ts';

/** A dollar, in micro-dollars. */
export const usd = 1_000_000;

/** One runtime's way to a workspace's spending, with what it asked of the rooms around it. */
export interface SpendBench {
  readonly spend: Spend;
  readonly database: Database;
  readonly workspaceId: number;
  readonly staged: EventDraft[];
  /** `placed` and `lifted by …`, in order, as they were committed. */
  readonly holds: string[];
  readonly clock: FakeClock;
  /** What was said to be free, look by look. */
  readonly freed: Free[];
  /** While it is set, no event can be written. */
  mute: boolean;
  /** Whether work that pays is in hand. */
  inHand: boolean;
}

let workspaces = 0;

/** A runtime on a workspace; a new one where none is named. */
export function spendBench(database: Database, workspaceId: number = (workspaces += 1)): SpendBench {
  const staged: EventDraft[] = [];
  const holds: string[] = [];
  const clock = new FakeClock();
  const freed: Free[] = [];
  const spend = new Spend({
    database,
    workspaceId,
    caller: 'runtime:test',
    stage: (tx, drafts) => {
      if (bench.mute) return Promise.reject(fault('KORA_INTERNAL', 'the event was not written'));
      tx.afterCommit(() => staged.push(...drafts));
      return Promise.resolve();
    },
    hold: {
      place: (tx) => Promise.resolve(tx.afterCommit(() => holds.push('placed'))),
      lift: (tx, { by }) => Promise.resolve(tx.afterCommit(() => holds.push(`lifted by ${by}`))),
      inHand: () => Promise.resolve(bench.inHand),
      ended: () => Promise.resolve(void holds.push('ended')),
      afford: (_tx, free) => Promise.resolve(void freed.push(free)),
    },
    clock,
    onError: (where, error) => expect.unreachable(`${where}: ${String(error)}`),
  });
  const bench: SpendBench = {
    spend,
    database,
    workspaceId,
    staged,
    holds,
    clock,
    freed,
    mute: false,
    inHand: false,
  };
  return bench;
}

/** Another process's pool of connections to the same database. */
export function secondPool({ connection }: TestDatabase): Database {
  const database = openPool({
    connection,
    server: { kind: 'url', description: 'second runtime' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => database.close());
  return database;
}

/** The database's clock says another month from here on. */
export async function turnMonth(database: Database, month: string): Promise<void> {
  await database.query(
    `create or replace function kora.spend_period() returns date language sql volatile as $$ select '${month}'::date $$`,
  );
}

/** The database's clock for spending says this time from here on: month, day and pace go by it. */
export async function turnClock(database: Database, iso: string): Promise<void> {
  await database.query(
    `create or replace function kora.spend_now() returns timestamptz language sql volatile as $$ select '${iso}'::timestamptz $$`,
  );
}
