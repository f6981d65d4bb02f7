import assert from 'node:assert/strict';
import { onTestFinished, vi } from 'vitest';
import { scene } from '../../../admission/testing/scene.ts';
import type { EventDraft } from '../../../chain/index.ts';
import { FakeClock } from '../../../clock/index.ts';
import type { Database } from '../../../store/index.ts';
import { testDatabase } from '../../../store/testing/database.ts';
import { Scheduler } from '../../index.ts';
import type { OccurrenceView, PeriodicTaskSpec } from '../../index.ts';

/** Schedulers on one real store, in a time that the test moves. */
export interface ScheduleBench {
  readonly database: Database;
  readonly clock: FakeClock;
  readonly events: EventDraft[];
  readonly errors: unknown[];
  /** The door that tasks ask; a test moves the state behind it. */
  readonly door: ReturnType<typeof scene>;
  /** A runtime's scheduler; the same id again is the same runtime after a restart. */
  scheduler(runtimeId?: string, database?: Database): Scheduler;
  /** Puts a task on; answers how to take it off, once its loop waits for a time. */
  add(scheduler: Scheduler, spec: Partial<PeriodicTaskSpec>): Promise<() => Promise<void>>;
  /** Moves time on and waits until every task waits again. */
  pass(ms: number): Promise<void>;
  occurrences(task?: string): Promise<OccurrenceView[]>;
}

export async function scheduleBench(): Promise<ScheduleBench> {
  const { database } = await testDatabase();
  const clock = new FakeClock();
  let tasks = 0;
  const offs: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    const ended = Promise.all(offs.map((off) => off()));
    while (!(await Promise.race([ended.then(() => true), clock.advance(10_000).then(() => false)])))
      await turn();
  });
  const waiting = (): Promise<void> =>
    vi.waitFor(
      () => {
        assert.ok(clock.sleeping >= tasks, `${clock.sleeping} of ${tasks} tasks wait`);
      },
      { timeout: 10_000, interval: 1 },
    );
  const bench: ScheduleBench = {
    database,
    clock,
    events: [],
    errors: [],
    door: scene(),
    scheduler: (runtimeId = runtime(1), store = database) =>
      new Scheduler({
        database: store,
        workspaceId: 1,
        runtimeId,
        clock,
        record: (drafts) => {
          bench.events.push(...drafts);
          return Promise.resolve();
        },
        admission: bench.door.admission,
        onRan: () => undefined,
        onError: (_, error) => bench.errors.push(error),
      }),
    add: async (scheduler, spec) => {
      const off = await scheduler.add(
        {
          name: 't',
          cadence: { everyMs: 60_000 },
          purpose: 'act',
          run: () => Promise.resolve('ok'),
          ...spec,
        },
        { pluginName: 'p', daemon: null },
      );
      tasks += 1;
      await waiting();
      let on = true;
      const once = async (): Promise<void> => {
        if (on) tasks -= 1;
        on = false;
        await off();
      };
      offs.push(once);
      return once;
    },
    pass: async (ms) => {
      await clock.advance(ms);
      await waiting();
    },
    occurrences: async (task = 't') => {
      const rows = await database.query<{
        scheduledAt: Date;
        outcome: string;
        error: string | null;
        runtimeId: string;
      }>(
        `select scheduled_at as "scheduledAt", outcome, error, runtime_id as "runtimeId" from kora.occurrence
         where task = $1 order by scheduled_at`,
        [task],
      );
      return rows.map((row) => ({
        ...row,
        scheduledAt: row.scheduledAt.toISOString(),
        startedAt: '',
        finishedAt: null,
      }));
    },
  };
  return bench;
}

/** The id of the nth runtime. */
export function runtime(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 2);
  });
}
