import assert from 'node:assert/strict';
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest';
import { scene } from '../../../admission/testing/scene.ts';
import type { EventDraft } from '../../../chain/index.ts';
import { FakeClock } from '../../../clock/index.ts';
import type { Database } from '../../../store/index.ts';
import { fileDatabase } from '../../../store/testing/database.ts';
import type { PeriodicTaskSpec } from '../contract.ts';
import { OverdueWatch } from '../overdue.ts';
import { Scheduler } from '../scheduler.ts';

/** Schedulers on one real store, in a time that the test moves. */
export interface ScheduleBench {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: FakeClock;
  readonly events: EventDraft[];
  readonly errors: unknown[];
  /** The door that tasks ask; a test moves the state behind it. */
  readonly door: ReturnType<typeof scene>;
  /** A runtime's scheduler; the same id again is the same runtime after a restart. */
  scheduler(runtimeId?: string, database?: Database): Scheduler;
  /** Watches over that scheduler's tasks, and looks when it is asked to. */
  watchOver(scheduler: Scheduler): OverdueWatch;
  /** Puts a task on, by default every minute from now; answers how to take it off, once it waits for its next time. */
  add(scheduler: Scheduler, spec: Partial<PeriodicTaskSpec>): Promise<() => Promise<void>>;
  /** Moves time on and waits until the store has been told all there is to tell. */
  pass(ms: number): Promise<void>;
  /** Waits until nothing moves but what waits for its time. */
  quiet(): Promise<void>;
  occurrences(task?: string): Promise<Occurrence[]>;
}

export interface Occurrence {
  readonly scheduledAt: string;
  readonly outcome: string;
  readonly error: string | null;
  readonly runtimeId: string;
  readonly attempt: number;
}

/** Scenes of one file share a database, each in a workspace of its own. */
export function scheduleFile(): (from?: string) => Promise<ScheduleBench> {
  let file: Awaited<ReturnType<typeof fileDatabase>> | undefined;
  let scenes = 0;
  beforeAll(async () => {
    file = await fileDatabase();
  });
  afterAll(() => file?.drop());
  return (from) => {
    assert.ok(file, 'the database of this file');
    scenes += 1;
    return scheduleBench(file.database, scenes, from);
  };
}

/** Statements on their way, of every scheduler of the bench. */
function counting(database: Database, under: { way: number }): Database {
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    under.way += 1;
    try {
      return await work();
    } finally {
      under.way -= 1;
    }
  };
  return {
    ...database,
    query: (text, values, options) => counted(() => database.query(text, values, options)),
    transaction: (work, options) => counted(() => database.transaction(work, options)),
  };
}

async function scheduleBench(database: Database, workspaceId: number, from?: string): Promise<ScheduleBench> {
  const clock = new FakeClock(from);
  const under = { way: 0 };
  const offs: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    const ended = Promise.all(offs.map((off) => off()));
    while (!(await Promise.race([ended.then(() => true), clock.advance(10_000).then(() => false)])))
      await turn();
  });
  const quiet = async (): Promise<void> => {
    let still = 0;
    await vi.waitFor(
      async () => {
        // What an answer sets in motion has asked its next question within a few turns.
        for (still = 0; still < 6 && under.way === 0; still += 1) await turn();
        assert.equal(still, 6, `${under.way} statements are under way`);
      },
      { timeout: 10_000, interval: 1 },
    );
  };
  const told = (store: Database) => ({
    database: counting(store, under),
    workspaceId,
    clock,
    stage: async (_: unknown, drafts: readonly EventDraft[]) => void bench.events.push(...drafts),
    onError: (_: string, error: unknown) => void bench.errors.push(error),
  });
  const bench: ScheduleBench = {
    database,
    workspaceId,
    clock,
    events: [],
    errors: [],
    door: scene(),
    quiet,
    scheduler: (runtimeId = runtime(1), store = database) =>
      new Scheduler({
        ...told(store),
        runtimeId,
        record: async (drafts) => void bench.events.push(...drafts),
        admission: bench.door.admission,
        onRan: () => undefined,
        gatherMs: 0,
      }),
    watchOver: (scheduler) => new OverdueWatch({ ...told(database), tasks: () => scheduler.onSchedule() }),
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
      offs.push(off);
      await quiet();
      return off;
    },
    pass: async (ms) => {
      await clock.advance(ms);
      await quiet();
    },
    occurrences: async (task = 't') => {
      const rows = await database.query<Omit<Occurrence, 'scheduledAt'> & { scheduledAt: Date }>(
        `select scheduled_at as "scheduledAt", outcome, error, runtime_id as "runtimeId", attempt from kora.occurrence
         where workspace_id = $1 and task = $2 order by scheduled_at, owner`,
        [workspaceId, task],
      );
      return rows.map((row) => ({ ...row, scheduledAt: row.scheduledAt.toISOString() }));
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
    setImmediate(resolve);
  });
}
