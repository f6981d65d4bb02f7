import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fault } from '../../fault/index.ts';
import type { Database } from '../../store/index.ts';
import { runtime, scheduleFile } from './testing/schedule.ts';
import type { ScheduleBench } from './testing/schedule.ts';

const scene = scheduleFile();
const minuteMs = 60_000;

/** Three runtimes with one task, each of which can stop, die and come back; what they did is kept outside the store. */
function fleet(bench: ScheduleBench, runMs: number) {
  const did: { readonly at: string; readonly by: number }[] = [];
  const crew = [1, 2, 3].map((n) => ({
    n,
    dead: { now: false },
    off: (): Promise<void> => Promise.resolve(),
  }));
  const start = async (n: number): Promise<void> => {
    const member = crew[n];
    if (member === undefined) return;
    const dead = { now: false };
    const scheduler = bench.scheduler(runtime(n), mortal(bench.database, dead));
    await scheduler.recover();
    const off = await bench.add(scheduler, {
      cadence: { everyMs: minuteMs },
      run: async ({ scheduledAt, signal }) => {
        did.push({ at: scheduledAt, by: n });
        if (runMs > 0) await bench.clock.sleep(runMs, signal);
      },
    });
    Object.assign(member, { dead, off });
  };
  return {
    did,
    start,
    stop: (n: number) => crew[n]?.off(),
    /** As after kill -9: nothing it says reaches the store any more. */
    kill: (n: number) => {
      const member = crew[n];
      if (member !== undefined) member.dead.now = true;
    },
  };
}

function mortal(database: Database, dead: { readonly now: boolean }): Database {
  const alive = (): void => {
    if (dead.now) throw fault('KORA_STORE_UNREACHABLE', 'the process is dead');
  };
  return {
    ...database,
    query: async (text, values, options) => {
      alive();
      return database.query(text, values, options);
    },
    transaction: async (work, options) => {
      alive();
      return database.transaction(work, options);
    },
  };
}

test('3 runtimes: each occurrence once', async () => {
  const bench = await scene();
  const { did, start } = fleet(bench, 0);
  for (const n of [0, 1, 2]) await start(n);
  for (let step = 0; step < 30; step += 1) await bench.pass(20_000);
  const instants = did.map(({ at }) => at);
  expect(new Set(instants).size).toBe(instants.length);
  expect(instants.toSorted()).toEqual(
    Array.from({ length: 11 }, (_, n) => `2026-01-01T00:${String(n).padStart(2, '0')}:00.000Z`),
  );
  expect((await bench.occurrences()).map(({ outcome }) => outcome)).toEqual(Array(11).fill('ok'));
  expect(bench.errors).toEqual([]);
});

const member = fc.integer({ min: 0, max: 2 });
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 100_000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const), n: member }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('die' as const), n: member }) },
  ),
  { minLength: 4, maxLength: 14 },
);

test('law: whatever stops, dies and comes back in a fleet of 3, no occurrence is acted on twice and no two at once', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(0, 25_000, 95_000), async (sequence, runMs) => {
      const bench = await scene();
      const { did, start, stop, kill } = fleet(bench, runMs);
      for (const n of [0, 1, 2]) await start(n);
      for (const step of sequence) {
        if (step.does === 'pass') {
          await bench.pass(step.ms);
          continue;
        }
        if (step.does === 'die') kill(step.n);
        else {
          const stopped = stop(step.n);
          await bench.pass(0);
          await stopped;
        }
        await start(step.n);
      }
      const instants = did.map(({ at }) => at);
      expect(new Set(instants).size).toBe(instants.length);
      const rows = await bench.occurrences();
      // A started row exists before the work does, and what began is told, however it ended.
      expect(rows.map(({ scheduledAt }) => scheduledAt)).toEqual(expect.arrayContaining(instants));
      expect(rows.filter(({ outcome }) => outcome === 'running').length).toBeLessThanOrEqual(1);
      // One grid, whoever came and went: only a runtime that was alone and away leaves a gap in it.
      for (const at of instants) expect(Date.parse(at) % minuteMs).toBe(0);
    }),
    { numRuns: 12 },
  );
});

test('a run that outlasts its due time is skipped in the whole fleet, and none overlaps another', async () => {
  const bench = await scene();
  let going = 0;
  let most = 0;
  for (const n of [1, 2, 3]) {
    await bench.add(bench.scheduler(runtime(n)), {
      timeoutMs: 600_000,
      run: async ({ signal }) => {
        going += 1;
        most = Math.max(most, going);
        await bench.clock.sleep(150_000, signal);
        going -= 1;
      },
    });
  }
  for (let step = 0; step < 24; step += 1) await bench.pass(15_000);
  expect(most).toBe(1);
  expect((await bench.occurrences()).map(({ scheduledAt }) => scheduledAt.slice(11, 16))).toEqual([
    '00:00',
    '00:03',
    '00:06',
  ]);
});

test('an answer that is lost on its way opens nothing twice and loses nothing', async () => {
  const bench = await scene();
  let lose = false;
  let ran = 0;
  const scheduler = bench.scheduler(runtime(1), {
    ...bench.database,
    query: async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
      const rows = await bench.database.query<Row>(text, values);
      if (lose && text.includes('opened as')) {
        lose = false;
        throw fault('KORA_STORE_UNREACHABLE', 'the connection broke after the commit');
      }
      return rows;
    },
  });
  await bench.add(scheduler, { run: async () => void (ran += 1) });
  lose = true;
  await bench.pass(minuteMs);
  expect(ran).toBe(1);
  await bench.pass(1_000);
  expect(ran).toBe(2);
  expect(await bench.occurrences()).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok', attempt: 1 }]);
});

test('a task that another runtime runs is not run by hand beside it', async () => {
  const bench = await scene();
  const [busy, other] = [bench.scheduler(runtime(1)), bench.scheduler(runtime(2))];
  await bench.add(busy, {
    timeoutMs: 600_000,
    run: ({ signal }) => bench.clock.sleep(300_000, signal).then(() => undefined),
  });
  await bench.add(other, {});
  await expect(other.runNow('t')).rejects.toMatchObject({ code: 'KORA_TASK_BUSY' });
  await bench.pass(300_000);
  await expect(other.runNow('t')).resolves.toMatchObject({ outcome: 'ok' });
});
