import { expect, test, vi } from 'vitest';
import { fault } from '../../fault/index.ts';
import { listOccurrences } from './history.ts';
import { closeOccurrences, openOccurrences } from './occurrences.ts';
import { runtime, scheduleFile } from './testing/schedule.ts';

const scene = scheduleFile();
const hourMs = 3_600_000;
const never = (): Promise<never> => new Promise(() => undefined);
const times = (rows: readonly { scheduledAt: string }[]): string[] =>
  rows.map(({ scheduledAt }) => scheduledAt.slice(0, 16));

test('a task runs now and then on its grid, and each run is kept', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {});
  for (let n = 0; n < 3; n += 1) await bench.pass(60_000);
  expect(times(await bench.occurrences())).toEqual([
    '2026-01-01T00:00',
    '2026-01-01T00:01',
    '2026-01-01T00:02',
    '2026-01-01T00:03',
  ]);
  expect(await scheduler.list()).toMatchObject([
    { runs: 4, failures: 0, lastOutcome: 'ok', nextDueAt: '2026-01-01T00:04:00.000Z', late: false },
  ]);
});

test('a daily task runs once on each day under a runtime that restarts every six hours', async () => {
  const bench = await scene();
  for (let start = 0; start < 12; start += 1) {
    const off = await bench.add(bench.scheduler(), {
      cadence: { cron: '30 9 * * *', zone: 'Europe/Berlin' },
    });
    await bench.pass(6 * hourMs);
    await off();
  }
  expect(times(await bench.occurrences())).toEqual([
    '2026-01-01T08:30',
    '2026-01-02T08:30',
    '2026-01-03T08:30',
  ]);
});

test('after downtime a missed occurrence is made up for once', async () => {
  const bench = await scene();
  const off = await bench.add(bench.scheduler(), { cadence: { everyMs: hourMs } });
  await off();
  bench.clock.jump(5.5 * hourMs);
  await bench.add(bench.scheduler(), { cadence: { everyMs: hourMs } });
  await bench.pass(hourMs);
  expect(times(await bench.occurrences())).toEqual([
    '2026-01-01T00:00',
    '2026-01-01T01:00',
    '2026-01-01T06:00',
  ]);
});

test('after downtime a task that does not catch up waits for its next time', async () => {
  const bench = await scene();
  const off = await bench.add(bench.scheduler(), { cadence: { everyMs: hourMs }, catchUp: 'none' });
  await off();
  bench.clock.jump(5.5 * hourMs);
  await bench.add(bench.scheduler(), { cadence: { everyMs: hourMs }, catchUp: 'none' });
  await bench.pass(hourMs);
  expect(times(await bench.occurrences())).toEqual(['2026-01-01T00:00', '2026-01-01T06:00']);
});

test('an occurrence at a time fires once over restarts', async () => {
  const bench = await scene();
  for (let start = 0; start < 3; start += 1) {
    const scheduler = bench.scheduler();
    const other = await bench.add(scheduler, { name: 'other', cadence: { everyMs: hourMs } });
    const off = await bench.add(scheduler, { cadence: { at: '2026-01-01T01:00:00Z' } });
    await bench.pass(2 * hourMs);
    await off();
    await other();
  }
  expect(times(await bench.occurrences())).toEqual(['2026-01-01T01:00']);
});

test('two runtimes that start at once share one grid: each occurrence of the fleet fires once', async () => {
  const bench = await scene();
  await bench.add(bench.scheduler(runtime(1)), {});
  await bench.clock.advance(7_000);
  await bench.database.query(
    `update kora.task set next_due_at = null, last_scheduled_at = null where workspace_id = ${bench.workspaceId}`,
  );
  // The second one knows nothing of the first one's start, as when both began in the same moment.
  await bench.add(bench.scheduler(runtime(2)), {});
  for (let n = 0; n < 5; n += 1) await bench.pass(60_000);
  const rows = await bench.occurrences();
  const later = rows.slice(2);
  expect(later.length).toBeGreaterThanOrEqual(4);
  for (const [at, row] of later.slice(1).entries()) {
    const gap = Date.parse(row.scheduledAt) - Date.parse(later[at]?.scheduledAt ?? '');
    expect(gap).toBe(60_000);
  }
});

test('a task of each runtime runs in each runtime', async () => {
  const bench = await scene();
  for (const n of [1, 2]) await bench.add(bench.scheduler(runtime(n)), { scope: 'runtime' });
  await bench.pass(60_000);
  const runners = (await bench.occurrences()).map(({ runtimeId }) => runtimeId);
  expect(runners.toSorted()).toEqual([runtime(1), runtime(1), runtime(2), runtime(2)]);
});

test('while acting is forbidden a task that acts is blocked with the cause, and one that observes goes on', async () => {
  const bench = await scene();
  bench.door.move({ stopLevel: 1 });
  const scheduler = bench.scheduler();
  let acted = 0;
  await bench.add(scheduler, {
    name: 'acts',
    run: () => {
      acted += 1;
      return Promise.resolve();
    },
  });
  await bench.add(scheduler, { name: 'looks', purpose: 'observe' });
  await bench.pass(60_000);
  expect(await bench.occurrences('acts')).toMatchObject([
    { outcome: 'blocked', error: 'stop_l1' },
    { outcome: 'blocked' },
  ]);
  expect(acted).toBe(0);
  expect(bench.door.refusals).toEqual([
    { door: 'periodic_task', cause: 'stop_l1', caller: 'p' },
    { door: 'periodic_task', cause: 'stop_l1', caller: 'p' },
  ]);
  expect((await bench.occurrences('looks')).map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  await expect(scheduler.runNow('acts')).rejects.toMatchObject({ code: 'KORA_ADMISSION_DENIED' });
  expect(bench.door.refusals).toHaveLength(3);
  await bench.pass(hourMs);
  const { failures } = (await scheduler.list())[0] ?? {};
  expect(failures).toBe(0);
});

test('an abort ends the runs that act, each with its reason, and leaves what observes alone', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  const held = (signal: AbortSignal): Promise<'ok'> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('told to stop')), { once: true });
      release = () => resolve('ok');
    });
  let release = (): void => undefined;
  let acting: AbortSignal | undefined;
  await bench.add(scheduler, {
    name: 'acts',
    run: ({ signal }) => {
      acting = signal;
      return held(signal);
    },
  });
  let looking: AbortSignal | undefined;
  await bench.add(scheduler, {
    name: 'looks',
    purpose: 'observe',
    run: ({ signal }) => {
      looking = signal;
      return held(signal);
    },
  });
  await vi.waitFor(() => expect(acting && looking).toBeDefined());
  expect(scheduler.abort('stop level 3: a test')).toBe(1);
  await vi.waitFor(async () => {
    expect(await bench.occurrences('acts')).toMatchObject([
      { outcome: 'cancelled', error: 'stop level 3: a test' },
    ]);
  });
  expect(looking?.aborted).toBe(false);
  expect(scheduler.abort('again')).toBe(0);
  release();
  await vi.waitFor(async () => expect(await bench.occurrences('looks')).toMatchObject([{ outcome: 'ok' }]));
});

test('a stop that comes between the leave and the run blocks the run', async () => {
  const bench = await scene();
  const { door } = bench;
  const admit = door.admission.admit.bind(door.admission);
  vi.spyOn(door.admission, 'admit').mockImplementation(async (...question) => {
    const answer = await admit(...question);
    door.move({ stopLevel: 1 });
    return answer;
  });
  let acted = 0;
  await bench.add(bench.scheduler(), { run: () => Promise.resolve(void (acted += 1)) });
  await bench.pass(60_000);
  expect(acted).toBe(0);
  expect(await bench.occurrences()).toMatchObject([{ outcome: 'blocked' }, { outcome: 'blocked' }]);
});

test('a run that throws or takes too long is a failure with an event; the next one runs', async () => {
  const bench = await scene();
  let run = 0;
  await bench.add(bench.scheduler(), {
    timeoutMs: 5_000,
    run: () => {
      run += 1;
      if (run === 1) return Promise.reject(new Error('no\0disk'));
      return run === 2 ? never() : Promise.resolve('noop');
    },
  });
  await bench.pass(60_000);
  await bench.pass(5_000);
  await bench.pass(55_000);
  await vi.waitFor(async () => expect(await bench.occurrences()).toHaveLength(3));
  await bench.pass(0);
  expect((await bench.occurrences()).map(({ outcome, error }) => [outcome, error])).toEqual([
    ['failed', 'no\ufffddisk'],
    ['failed', 'task t did not finish within 5000 ms'],
    ['noop', null],
  ]);
  expect(bench.events.map(({ type }) => type)).toEqual(['kora.task.failed', 'kora.task.failed']);
});

test('a due time that passes while a run is going is skipped', async () => {
  const bench = await scene();
  await bench.add(bench.scheduler(), {
    timeoutMs: 600_000,
    run: async ({ signal }) => {
      await bench.clock.sleep(150_000, signal);
    },
  });
  for (let n = 0; n < 12; n += 1) await bench.pass(30_000);
  expect(times(await bench.occurrences())).toEqual([
    '2026-01-01T00:00',
    '2026-01-01T00:03',
    '2026-01-01T00:06',
  ]);
});

test('a run that was opened ahead of its time is told from when its work begins', async () => {
  const { database, workspaceId, ...bench } = await scene();
  await bench.add(bench.scheduler(), {});
  const key = { owner: 'fleet', name: 't' };
  const runner = { workspaceId, runtimeId: runtime(1) };
  const scheduledAt = new Date(bench.clock.now() + hourMs);
  const opening = { key, scheduledAt, nextDueAt: null, outOfTurn: true, again: false, allowedMs: hourMs };
  await openOccurrences(database, runner, [{ ...opening, aheadMs: hourMs }]);
  const closing = { key, scheduledAt, outcome: 'ok', error: null, nextDueAt: null } as const;
  await closeOccurrences(database, runner, [closing]);
  const [told] = await listOccurrences(database, workspaceId, key, 1);
  // An hour before its work was to begin, it has taken no time at all.
  expect(told?.finishedAt).toBe(told?.startedAt);
});

test('a run out of turn is an occurrence of its own and moves nothing', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, { cadence: { everyMs: hourMs } });
  await bench.pass(60_000);
  expect(await scheduler.runNow('t')).toMatchObject({
    scheduledAt: '2026-01-01T00:01:00.000Z',
    outcome: 'ok',
  });
  await bench.pass(hourMs - 60_000);
  expect(times(await bench.occurrences())).toEqual([
    '2026-01-01T00:00',
    '2026-01-01T00:01',
    '2026-01-01T01:00',
  ]);
  await expect(scheduler.runNow('ghost')).rejects.toMatchObject({ code: 'KORA_TASK_UNKNOWN' });
});

test('a run out of turn and one that is due never overlap', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  let going = 0;
  let most = 0;
  await bench.add(scheduler, {
    run: async () => {
      going += 1;
      most = Math.max(most, going);
      await bench.clock.sleep(1_000);
      going -= 1;
    },
  });
  await bench.pass(59_999);
  const runs = [scheduler.runNow('t'), scheduler.runNow('t')];
  for (let n = 0; n < 8; n += 1) await bench.pass(1_000);
  // Two runs of one millisecond have two names.
  const names = (await Promise.all(runs)).map(({ scheduledAt }) => scheduledAt);
  expect(new Set(names).size).toBe(2);
  expect(most).toBe(1);
  expect((await bench.occurrences()).length).toBeGreaterThanOrEqual(4);
});

test('a store that is away delays an occurrence and loses none', async () => {
  const bench = await scene();
  let away = false;
  const scheduler = bench.scheduler(runtime(1), {
    ...bench.database,
    query: (text, values) =>
      away ? Promise.reject(fault('KORA_STORE_UNREACHABLE', 'away')) : bench.database.query(text, values),
  });
  await bench.add(scheduler, { cadence: { cron: '0 3 * * *' } });
  away = true;
  await bench.pass(3 * hourMs);
  for (let n = 0; n < 3; n += 1) await bench.pass(1_000);
  away = false;
  for (let n = 0; n < 3; n += 1) await bench.pass(1_000);
  expect(await bench.occurrences()).toMatchObject([
    { scheduledAt: '2026-01-01T03:00:00.000Z', outcome: 'ok' },
  ]);
  expect(bench.errors.length).toBeGreaterThan(1);
});

test('a clock that is set back by an hour stops no task for an hour', async () => {
  const bench = await scene();
  await bench.add(bench.scheduler(), {});
  await bench.pass(60_000);
  bench.clock.jump(-hourMs);
  for (let n = 0; n < 4; n += 1) await bench.pass(60_000);
  expect((await bench.occurrences()).length).toBeGreaterThanOrEqual(4);
});

test('a clock that was far ahead and is set right keeps no daily task waiting until then', async () => {
  const bench = await scene();
  bench.clock.jump(400 * 24 * hourMs);
  await bench.add(bench.scheduler(), { cadence: { cron: '0 3 * * *' } });
  await bench.pass(60_000);
  bench.clock.jump(-400 * 24 * hourMs);
  await bench.pass(60_000);
  await bench.pass(3 * hourMs);
  await bench.pass(24 * hourMs);
  await bench.pass(1_000);
  await vi.waitFor(async () =>
    expect((await bench.occurrences()).map(({ scheduledAt }) => scheduledAt)).toEqual([
      '2026-01-01T03:00:00.000Z',
      '2026-01-02T03:00:00.000Z',
    ]),
  );
});

test('a clock that is set back by a moment just after a run repeats nothing', async () => {
  const bench = await scene();
  await bench.add(bench.scheduler(), { cadence: { cron: '0 3 * * *' } });
  await bench.pass(3 * hourMs + 1_000);
  bench.clock.jump(-30_000);
  for (let n = 0; n < 4; n += 1) await bench.pass(60_000);
  expect(await bench.occurrences()).toHaveLength(1);
  await bench.pass(24 * hourMs);
  await vi.waitFor(async () => expect(await bench.occurrences()).toHaveLength(2));
});

test('a machine that slept through a due time runs the task within a minute of waking', async () => {
  const bench = await scene();
  await bench.add(bench.scheduler(), { cadence: { cron: '0 3 * * *' } });
  bench.clock.jump(4 * hourMs);
  await bench.pass(60_000);
  await vi.waitFor(async () => expect(await bench.occurrences()).toHaveLength(1));
});

test('a task that is taken off is cancelled, and one that ignores it is left behind', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  const off = await bench.add(scheduler, { timeoutMs: 600_000, run: never });
  const ended = off();
  await vi.waitFor(() => expect(bench.clock.sleeping).toBe(1));
  await bench.clock.advance(5_000);
  await ended;
  expect((await bench.occurrences()).map(({ outcome }) => outcome)).toEqual(['cancelled']);
  expect(await scheduler.list()).toEqual([]);
  expect(bench.clock.sleeping).toBe(0);
});

test('a second task of one name is refused, naming both plugins', async () => {
  const bench = await scene();
  const scheduler = bench.scheduler();
  await bench.add(scheduler, {});
  await expect(bench.add(scheduler, {})).rejects.toThrow("task t of plugin p is p's");
  await expect(bench.add(scheduler, { name: 'No' })).rejects.toMatchObject({ code: 'KORA_PLUGIN_INVALID' });
});
