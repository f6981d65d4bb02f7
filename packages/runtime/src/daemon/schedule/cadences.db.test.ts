import { expect, test, vi } from 'vitest';
import { cadenceChanged } from './events.ts';
import { runtime, scheduleFile } from './testing/schedule.ts';
import type { ScheduleBench } from './testing/schedule.ts';
import type { Scheduler } from './scheduler.ts';

const scene = scheduleFile();
const hourMs = 3_600_000;
const by = { by: 'operator', reason: 'a test' };
const due = async (scheduler: Scheduler): Promise<string | null | undefined> =>
  (await scheduler.list())[0]?.nextDueAt?.slice(0, 16);

async function times(bench: ScheduleBench): Promise<string[]> {
  return (await bench.occurrences()).map(({ scheduledAt }) => scheduledAt.slice(0, 16));
}

test('another cadence takes effect at once, is an event, stays over restarts, and is given back', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  const off = await bench.add(scheduler, { cadence: { everyMs: 24 * hourMs } });
  await scheduler.setCadence('t', { everyMs: hourMs }, by);
  await bench.quiet();
  expect(await due(scheduler)).toBe('2026-01-01T01:00');
  await bench.pass(hourMs);
  await bench.pass(hourMs);
  expect(await scheduler.show('t')).toMatchObject({
    cadence: 'every 1 h',
    declared: { everyMs: 24 * hourMs },
    order: { cadence: { everyMs: hourMs }, by: 'operator', reason: 'a test' },
  });
  await off();
  const next = bench.scheduler();
  await bench.add(next, { cadence: { everyMs: 24 * hourMs } });
  await bench.pass(hourMs);
  expect(await times(bench)).toEqual([0, 1, 2, 3].map((n) => `2026-01-01T0${n}:00`));
  await next.setCadence('t', undefined, by);
  await bench.quiet();
  expect(await due(next)).toBe('2026-01-02T03:00');
  expect(await next.show('t')).toMatchObject({ cadence: 'every 1 d', order: null });
  expect(
    bench.events.map(({ type, payload }) => [type, payload['was'], payload['cadence'], payload['reset']]),
  ).toEqual([
    [cadenceChanged.type, 'every 1 d', 'every 1 h', false],
    [cadenceChanged.type, 'every 1 h', 'every 1 d', true],
  ]);
});

test('the same again is no change: nothing is written and no event raised', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {});
  await scheduler.setCadence('t', { cron: '0 3 * * *' }, by);
  await scheduler.setCadence('t', { cron: '0 3 * * *', zone: 'UTC' }, by);
  await scheduler.setCadence('t', undefined, by);
  await scheduler.setCadence('t', undefined, by);
  expect(bench.events).toHaveLength(2);
});

test('every runtime of the fleet follows, and they stay on one grid', async () => {
  const bench = await scene();
  const crew = [1, 2, 3].map((n) => bench.scheduler(runtime(n)));
  for (const scheduler of crew) await bench.add(scheduler, { cadence: { everyMs: 24 * hourMs } });
  const watching = new AbortController();
  const watches = crew.map((scheduler) => scheduler.watch(watching.signal));
  // Its first look is over: from here on only a notification tells.
  await vi.waitFor(() => expect(bench.clock.sleeping).toBe(6));
  await crew[0]?.setCadence('t', { everyMs: hourMs }, by);
  for (const scheduler of crew) {
    await vi.waitFor(async () => expect((await scheduler.list())[0]?.cadence).toBe('every 1 h'));
  }
  await bench.quiet();
  for (let n = 0; n < 3; n += 1) await bench.pass(hourMs);
  expect(await times(bench)).toEqual([0, 1, 2, 3].map((n) => `2026-01-01T0${n}:00`));
  watching.abort();
  await Promise.all(watches);
});

test('a runtime that hears no notification follows within half a minute', async () => {
  const bench = await scene();
  const [one, deaf] = [
    bench.scheduler(runtime(1)),
    bench.scheduler(runtime(2), {
      ...bench.database,
      listen: async () => ({ [Symbol.dispose]: () => undefined }),
    }),
  ];
  for (const scheduler of [one, deaf])
    await bench.add(scheduler, { scope: 'runtime', cadence: { everyMs: 24 * hourMs } });
  const watching = new AbortController();
  const watch = deaf.watch(watching.signal);
  await bench.quiet();
  await one.setCadence('t', { everyMs: hourMs }, by);
  await bench.pass(30_000);
  expect((await deaf.list())[0]?.cadence).toBe('every 1 h');
  await bench.pass(hourMs);
  expect((await bench.occurrences()).filter(({ runtimeId }) => runtimeId === runtime(2))).toHaveLength(2);
  watching.abort();
  await watch;
});

test('a task that comes back with another cadence goes by it at once', async () => {
  const bench = await scene();
  const off = await bench.add(bench.scheduler(), { cadence: { cron: '0 3 * * *' } });
  await off();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, { cadence: { cron: '0 5 * * *' } });
  expect(await due(scheduler)).toBe('2026-01-01T05:00');
  await bench.pass(4 * hourMs);
  expect(await times(bench)).toEqual([]);
  await bench.pass(hourMs);
  expect(await times(bench)).toEqual(['2026-01-01T05:00']);
});

test('a cadence that is set while the task runs holds from the end of that run', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {
    cadence: { everyMs: 24 * hourMs },
    run: async ({ signal }) => void (await bench.clock.sleep(30_000, signal)),
  });
  await scheduler.setCadence('t', { everyMs: hourMs }, by);
  await bench.pass(30_000);
  expect(await due(scheduler)).toBe('2026-01-01T01:00');
});

test('at a time: it runs then, once, and not again', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, { cadence: { cron: '0 3 * * *' } });
  await scheduler.setCadence('t', { at: '2026-01-01T00:30:00Z' }, by);
  await bench.quiet();
  for (let n = 0; n < 3; n += 1) await bench.pass(hourMs);
  expect(await times(bench)).toEqual(['2026-01-01T00:30']);
});

test.each([
  ['a time that is over', { at: '2025-12-31T23:00:00Z' }, /is over/],
  ['a day that never comes', { cron: '0 0 30 2 *' }, /no day is ever like that/],
  ['less than the shortest', { everyMs: 5 }, /at least 100/],
  ['no line of cron', { cron: 'soon' }, /not a schedule/],
])('a cadence of %s is refused', async (_, cadence, why) => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {});
  await expect(scheduler.setCadence('t', cadence, by)).rejects.toThrow(why);
  await expect(scheduler.setCadence('ghost', { everyMs: hourMs }, by)).rejects.toMatchObject({
    code: 'KORA_TASK_UNKNOWN',
  });
  expect(bench.events).toEqual([]);
});
