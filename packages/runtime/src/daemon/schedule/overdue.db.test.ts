import { expect, test } from 'vitest';
import { pruneOccurrences } from './history.ts';
import { taskOverdue } from './events.ts';
import { runtime, scheduleFile } from './testing/schedule.ts';

const scene = scheduleFile();
const minuteMs = 60_000;
const never = (): Promise<never> => new Promise(() => undefined);

test('a task that a timer forgot is told as overdue, once for each due time and once in the fleet', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {});
  const watches = [bench.watchOver(scheduler), bench.watchOver(scheduler)];
  // The scheduler's timer stands still, as that of a thread that hangs does; the watch asks the store and the clock.
  bench.clock.jump(10 * minuteMs);
  const told = await Promise.all(watches.map((watch) => watch.look()));
  expect(told.flat()).toEqual(['t']);
  expect(await watches[0]?.look()).toEqual([]);
  // Told once, and late as long as it is.
  expect(await watches[0]?.late()).toMatchObject([{ name: 't' }]);
  expect(bench.events).toMatchObject([
    {
      type: taskOverdue.type,
      payload: { task: 't', due_at: '2026-01-01T00:01:00.000Z', late_ms: 9 * minuteMs },
    },
  ]);
  expect(await scheduler.list()).toMatchObject([{ late: true }]);
  // It runs after all, and is late again another time.
  await bench.pass(minuteMs);
  expect(await scheduler.list()).toMatchObject([{ late: false }]);
  bench.clock.jump(10 * minuteMs);
  expect(await watches[0]?.look()).toEqual(['t']);
});

test('what runs, what is not due, what is within its jitter and what is off the schedule is not overdue', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  const watch = bench.watchOver(scheduler);
  await bench.add(scheduler, { name: 'runs', run: never, timeoutMs: 60 * minuteMs });
  await bench.add(scheduler, { name: 'spread', jitterMs: 30 * minuteMs });
  await bench.add(scheduler, { name: 'later', cadence: { everyMs: 60 * minuteMs } });
  const off = await bench.add(scheduler, { name: 'gone' });
  await off();
  bench.clock.jump(20 * minuteMs);
  expect(await watch.look()).toEqual([]);
});

test('what came due while nothing ran is late only once this runtime has had its time to run it', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {});
  const watch = bench.watchOver(scheduler);
  // As after a restart, before its turn comes.
  await bench.database.query(`update kora.task set next_due_at = next_due_at - interval '1 day'`);
  expect(await watch.late()).toEqual([]);
  expect(await scheduler.list()).toMatchObject([{ late: false }]);
  bench.clock.jump(6_000);
  expect(await watch.late()).toMatchObject([{ name: 't' }]);
});

test('a long run leaves no due time behind that would look overdue', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {
    timeoutMs: 600_000,
    run: async ({ signal }) => void (await bench.clock.sleep(150_000, signal)),
  });
  await bench.pass(155_000);
  expect(await bench.watchOver(scheduler).look()).toEqual([]);
  expect(await scheduler.list()).toMatchObject([{ late: false, nextDueAt: '2026-01-01T00:03:00.000Z' }]);
});

test('a paused runtime is not late: what may not run is blocked when it is due', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  bench.door.move({ stopLevel: 1 });
  await bench.add(scheduler, {});
  await bench.pass(minuteMs);
  expect(await bench.watchOver(scheduler).look()).toEqual([]);
});

test('runs are forgotten after their days and beyond their number; what runs, and the counts, stay', async () => {
  const bench = await scene();
  const { database, workspaceId } = bench;
  const scheduler = bench.scheduler();
  await bench.add(scheduler, { name: 'often' });
  await bench.add(scheduler, { name: 'runs', run: never, timeoutMs: 600 * minuteMs });
  await bench.add(bench.scheduler(runtime(2)), { name: 'other', scope: 'runtime' });
  for (let n = 0; n < 6; n += 1) await bench.pass(minuteMs);
  await database.query(
    `update kora.occurrence set started_at = clock_timestamp() - interval '8 days'
     where workspace_id = $1 and (scheduled_at <= '2026-01-01T00:01:00Z' or outcome = 'running')`,
    [workspaceId],
  );
  const { signal } = new AbortController();
  expect(await pruneOccurrences(database, { workspaceId, keepDays: 7, keepRuns: 3, signal })).toBe(
    2 + 2 + 2 + 2,
  );
  expect(await bench.occurrences('often')).toHaveLength(3);
  expect(await bench.occurrences('other')).toHaveLength(3);
  expect(await bench.occurrences('runs')).toMatchObject([{ outcome: 'running' }]);
  expect((await scheduler.list()).map(({ runs }) => runs)).toEqual([7, 0]);
});
