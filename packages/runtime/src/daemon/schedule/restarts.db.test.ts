import { expect, test } from 'vitest';
import { taskLost } from './events.ts';
import { runtime, scheduleFile } from './testing/schedule.ts';
import type { ScheduleBench } from './testing/schedule.ts';

const scene = scheduleFile();
const hourMs = 3_600_000;
const never = (): Promise<never> => new Promise(() => undefined);

/** A runtime that comes up again every six hours, for so many hours. */
async function restarting(
  bench: ScheduleBench,
  hours: number,
  zone: string,
  cron: string,
): Promise<string[]> {
  for (let hour = 0; hour < hours; hour += 6) {
    const off = await bench.add(bench.scheduler(), { cadence: { cron, zone } });
    await bench.pass(6 * hourMs);
    await off();
  }
  return (await bench.occurrences()).map(({ scheduledAt }) => scheduledAt.slice(0, 16));
}

test('restart every 6 h for 3 simulated days: the daily task ran each day (daemon defect §20.1 W1)', async () => {
  const bench = await scene();
  expect(await restarting(bench, 72, 'UTC', '0 3 * * *')).toEqual([
    '2026-01-01T03:00',
    '2026-01-02T03:00',
    '2026-01-03T03:00',
  ]);
  expect((await bench.occurrences()).every(({ outcome }) => outcome === 'ok')).toBe(true);
});

test('the same with a task of each 24 h, which a scheduler that sleeps first would never run', async () => {
  const bench = await scene();
  for (let hour = 0; hour < 72; hour += 6) {
    const off = await bench.add(bench.scheduler(), { cadence: { everyMs: 24 * hourMs } });
    await bench.pass(6 * hourMs);
    await off();
  }
  expect((await bench.occurrences()).map(({ scheduledAt }) => scheduledAt.slice(0, 16))).toEqual([
    '2026-01-01T00:00',
    '2026-01-02T00:00',
    '2026-01-03T00:00',
    '2026-01-04T00:00',
  ]);
});

test('DST forward: 02:30, which that night does not have, ran once; restarts every 6 h', async () => {
  const bench = await scene('2026-03-28T00:00:00Z');
  expect(await restarting(bench, 72, 'Europe/Berlin', '30 2 * * *')).toEqual([
    '2026-03-28T01:30',
    '2026-03-29T01:00',
    '2026-03-30T00:30',
  ]);
});

test('DST back: 02:30, which that night has twice, ran once; restarts every 6 h', async () => {
  const bench = await scene('2026-10-24T00:00:00Z');
  expect(await restarting(bench, 72, 'Europe/Berlin', '30 2 * * *')).toEqual([
    '2026-10-24T00:30',
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
});

test('a run that died with its runtime is lost: what acts is not run again, and the history says why', async () => {
  const bench = await scene();
  const daily = { cadence: { everyMs: 24 * hourMs }, timeoutMs: 48 * hourMs };
  await bench.add(bench.scheduler(), { ...daily, run: never });
  await bench.pass(hourMs);
  const next = bench.scheduler();
  await next.recover();
  let ran = 0;
  await bench.add(next, { ...daily, run: async () => void (ran += 1) });
  await bench.pass(hourMs);
  expect(ran).toBe(0);
  expect(await next.history('t', 5)).toMatchObject([
    { outcome: 'unknown', attempt: 1, error: expect.stringMatching(/it acts, so it is not run again/) },
  ]);
  expect(bench.events).toMatchObject([{ type: taskLost.type, payload: { task: 't', repeats: false } }]);
  expect(await next.list()).toMatchObject([{ lastOutcome: 'unknown', running: false, lastDurationMs: null }]);
});

test('one that only observes is run once more under the same name, and not a third time', async () => {
  const bench = await scene();
  const daily = { purpose: 'observe', cadence: { everyMs: 24 * hourMs }, timeoutMs: 48 * hourMs } as const;
  await bench.add(bench.scheduler(), { ...daily, run: never });
  for (const attempt of [2, 2]) {
    await bench.pass(hourMs);
    const next = bench.scheduler();
    await next.recover();
    await bench.add(next, { ...daily, run: never });
    expect(await bench.occurrences()).toMatchObject([{ scheduledAt: '2026-01-01T00:00:00.000Z', attempt }]);
  }
  expect((await bench.occurrences())[0]).toMatchObject({
    outcome: 'unknown',
    error: expect.stringMatching(/for the second time/),
  });
  expect(bench.events.map(({ payload }) => payload['repeats'])).toEqual([true, false]);
});

test('a run that went on so long that its runtime must be dead is lost, and its task free again', async () => {
  const bench = await scene();
  const [mine, other] = [bench.scheduler(runtime(1)), bench.scheduler(runtime(2))];
  await bench.add(mine, { run: never, timeoutMs: 600_000 });
  await bench.add(other, {});
  await bench.pass(120_000);
  // While it may live nobody else runs the task.
  expect(await bench.occurrences()).toHaveLength(1);
  await bench.database.query(
    `update kora.task set running_until = clock_timestamp() - interval '1 s' where workspace_id = ${bench.workspaceId}`,
  );
  await bench.pass(60_000);
  expect(await bench.occurrences()).toMatchObject([
    { outcome: 'unknown', runtimeId: runtime(1) },
    { outcome: 'ok', runtimeId: runtime(2) },
  ]);
});
