import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import type { CoordinatorView } from './contract.ts';
import { daemonBench, never } from './testing/daemons.ts';

const task = { name: 't', cadence: { everyMs: 1_000 }, purpose: 'observe', run: never } as const;

/** A bench with one daemon `a`, whose words to the runtime the test says. */
function patient(entry: Parameters<ReturnType<typeof daemonBench>['daemon']>[1] = {}) {
  const bench = daemonBench();
  const views: CoordinatorView[] = [];
  let broken: string | undefined;
  bench.daemon('a', {
    startup: (view) => {
      views.push(view);
      if (broken !== undefined) return Promise.reject(new Error(broken));
      bench.log.push('+a');
      return Promise.resolve();
    },
    ...entry,
  });
  const view = (): CoordinatorView => views.at(-1) ?? assert.fail('it was never started');
  return { ...bench, view, views, breaks: (why: string | undefined) => (broken = why) };
}

test('what dies is cleaned up, comes off the schedule and is started again after a second (daemon defect §20.1 W4)', async () => {
  const { coordinator, clock, view, log, states, tasks, told, events } = patient({ periodicTasks: [task] });
  await coordinator.startRest();
  const { signal } = view();
  view().died(new Error('lost its socket'));
  expect(tasks.size).toBe(0);
  expect(signal.aborted).toBe(true);
  await clock.advance(0);
  expect(log).toEqual(['+a', '-a']);
  expect(coordinator.list()[0]).toMatchObject({
    state: 'backing_off',
    error: 'lost its socket',
    deaths: 1,
    nextStartAt: '2026-01-01T00:00:01.000Z',
  });
  await clock.advance(1_000);
  expect(log).toEqual(['+a', '-a', '+a']);
  expect(states()).toEqual({ a: 'running' });
  expect([...tasks]).toEqual(['t']);
  expect(coordinator.list()[0]).toMatchObject({ restarts: 1, nextStartAt: null, error: null });
  expect(told()).toEqual(['started', 'died', 'started']);
  expect(events[1]?.payload).toMatchObject({
    recent_deaths: 1,
    restart_in_ms: 1_000,
    error: 'lost its socket',
  });
});

test('five deaths in ten minutes: quarantined, with one event and one message, until somebody restarts it', async () => {
  const { coordinator, clock, view, states, told, alerts, log } = patient();
  await coordinator.startRest();
  for (const pause of [1_000, 2_000, 4_000, 8_000]) {
    view().died(new Error('again'));
    await clock.advance(pause - 1);
    expect(states()).toEqual({ a: 'backing_off' });
    await clock.advance(1);
    expect(states()).toEqual({ a: 'running' });
  }
  view().died(new Error('the last'));
  await clock.advance(3_600_000);
  expect(states()).toEqual({ a: 'quarantined' });
  expect(told().filter((type) => type === 'quarantined')).toHaveLength(1);
  expect(alerts).toHaveLength(1);
  expect(alerts[0]).toMatchObject({ severity: 'critical', thread: 'daemon:a' });
  expect(alerts[0]?.body).toMatch(
    /^5 deaths in ten minutes, the last: the last\n\n.*kora daemon restart a$/s,
  );
  expect(log.filter((line) => line === '-a')).toHaveLength(5);

  await coordinator.restart('a', 'the cable was mended');
  expect(states()).toEqual({ a: 'running' });
  view().died(new Error('once more'));
  await clock.advance(1_000);
  expect(states()).toEqual({ a: 'running' });
});

test('a message that nobody takes is said again, under the same key', async () => {
  const keys: string[] = [];
  const bench = daemonBench({
    alert: ({ key }) => {
      keys.push(key);
      return keys.length < 3 ? Promise.reject(new Error('the store is away')) : Promise.resolve();
    },
  });
  bench.daemon('a', { startup: () => Promise.reject(new Error('no')) });
  await bench.coordinator.startRest();
  await bench.clock.advance(60_000);
  expect(new Set(keys).size).toBe(1);
  expect(keys).toHaveLength(3);
});

test('one that does not come up again after a death is counted as dying, and a later success makes it whole', async () => {
  const { coordinator, clock, view, states, breaks, told } = patient();
  await coordinator.startRest();
  view().died(new Error('first'));
  breaks('still no port');
  await clock.advance(1_000);
  expect(coordinator.list()[0]).toMatchObject({ state: 'backing_off', error: 'still no port', deaths: 2 });
  breaks(undefined);
  await clock.advance(2_000);
  expect(states()).toEqual({ a: 'running' });
  expect(told()).toEqual(['started', 'died', 'failed', 'started']);
});

test('a daemon that did not start is left behind with one message, and tried again only when somebody asks', async () => {
  const { coordinator, clock, states, breaks, alerts, log } = patient();
  breaks('no port');
  await coordinator.startRest();
  await clock.advance(3_600_000);
  expect(states()).toEqual({ a: 'failed' });
  expect(alerts).toMatchObject([{ severity: 'warning', title: 'Daemon a did not start' }]);
  expect(log).toEqual(['-a']);
  await expect(coordinator.restart('a')).rejects.toThrow('no port');
  await expect(coordinator.restart('a')).rejects.toThrow('no port');
  await clock.advance(3_600_000);
  expect(states()).toEqual({ a: 'failed' });
  expect(alerts).toHaveLength(2);
});

test('what is loud is recorded apart from what a store that is away does not take, all of it in order', async () => {
  const batches: string[][] = [];
  const bench = daemonBench({
    record: async (drafts) => {
      await bench.clock.sleep(10);
      batches.push(drafts.map(({ type }) => type.replace('kora.daemon.', '')));
    },
  });
  const fails = (): Promise<never> => Promise.reject(new Error('no'));
  for (const name of ['a', 'b']) bench.daemon(name);
  for (const name of ['c', 'd']) bench.daemon(name, { startup: fails });
  bench.daemon('e');
  await bench.coordinator.startRest();
  await bench.clock.advance(1_000);
  expect(batches).toEqual([['started'], ['started', 'started'], ['failed', 'failed']]);
});

test('what a start that threw half-way had acquired is disposed (daemon defect §20.1 W5)', async () => {
  const { daemon, coordinator } = daemonBench();
  const open = new Set<string>();
  daemon('a', {
    startup: () => {
      open.add('socket');
      return Promise.reject(new Error('no database'));
    },
    shutdown: () => {
      open.clear();
      return Promise.resolve();
    },
  });
  await coordinator.startRest();
  expect(open.size).toBe(0);
});

test('a start that hangs delays nobody beyond its time (daemon defect §20.1 W2)', async () => {
  const { daemon, coordinator, clock, states } = daemonBench();
  daemon('hung', { startup: never });
  daemon('other');
  const started = coordinator.startRest();
  await clock.advance(10_000);
  await started;
  expect(states()).toEqual({ hung: 'failed', other: 'running' });
});

test('a shutdown that begins between two starts lets no further one begin (daemon defect §20.1 W3)', async () => {
  const { daemon, coordinator, clock, log } = daemonBench();
  daemon('a', {
    startup: async () => {
      await clock.sleep(1_000);
      log.push('+a');
    },
  });
  daemon('b', { dependsOn: ['a'] });
  const started = coordinator.startRest();
  await clock.advance(500);
  const stopped = coordinator.stopAll('SIGTERM');
  await clock.advance(10_000);
  await Promise.all([started, stopped]);
  expect(log).toEqual(['+a', '-a']);
  void coordinator.stopAll('SIGINT');
  await expect(coordinator.restart('a')).rejects.toThrow('SIGTERM');
});

test('a death before the start is over is a start that failed', async () => {
  const { daemon, coordinator, log, told } = daemonBench();
  daemon('a', {
    startup: (view) => {
      view.died(new Error('born dead'));
      return never();
    },
  });
  await coordinator.startRest();
  expect(coordinator.list()[0]).toMatchObject({ state: 'failed', error: 'born dead' });
  expect([log, told()]).toEqual([['-a'], ['failed']]);
});

test('a death that an earlier life says is nobody’s, and one of a daemon that is stopped neither', async () => {
  const { coordinator, clock, views, states } = patient();
  await coordinator.startRest();
  await coordinator.restart('a');
  views[0]?.died(new Error('old news'));
  await clock.advance(0);
  expect(states()).toEqual({ a: 'running' });
  await coordinator.stopOne('a');
  views[1]?.died(new Error('too late'));
  expect(coordinator.died('a', new Error('too late'))).toBe(false);
  expect(coordinator.list()[0]).toMatchObject({ state: 'stopped', deaths: 0 });
});

test('without a beat in its time a daemon is dead; with beats it lives', async () => {
  const { coordinator, clock, view, states, events } = patient({ livenessMs: 5_000 });
  await coordinator.startRest();
  for (let beat = 0; beat < 10; beat += 1) {
    await clock.advance(4_000);
    view().beat();
  }
  expect(states()).toEqual({ a: 'running' });
  await clock.advance(4_999);
  expect(states()).toEqual({ a: 'running' });
  await clock.advance(1);
  expect(states()).toEqual({ a: 'backing_off' });
  expect(events.at(-1)?.payload['error']).toBe('daemon a gave no sign of life for 5000 ms');
});

test('time in which the whole process stood still is held against no daemon', async () => {
  const { coordinator, clock, states } = patient({ livenessMs: 5_000 });
  const { sleep } = clock;
  // The timer of the first look fires half a minute late.
  clock.sleep = (ms, signal) => sleep.call(clock, ms + 30_000, signal);
  await coordinator.startRest();
  clock.sleep = sleep;
  await clock.advance(35_000);
  expect(states()).toEqual({ a: 'running' });
  await clock.advance(4_999);
  expect(states()).toEqual({ a: 'running' });
  await clock.advance(1);
  expect(states()).toEqual({ a: 'backing_off' });
});

test('what a daemon is told: its time, its deadline, the runtime’s state', async () => {
  const { coordinator, view } = patient({ startupTimeoutMs: 3_000 });
  await coordinator.startRest();
  expect(view()).toMatchObject({ timeoutMs: 3_000, deadline: '2026-01-01T00:00:03.000Z', fence: null });
  expect(await view().status()).toEqual({ primaryState: 'ready', uptimeMs: 0, stopLevel: 0 });
});

test('what needs a daemon that died goes down before it is cleaned up, waits, and comes back with it', async () => {
  const { daemon, coordinator, clock, log, states, view, told } = patient();
  daemon('b', { dependsOn: ['a'] });
  daemon('c', { dependsOn: ['b'] });
  daemon('d');
  await coordinator.startRest();
  view().died(new Error('no more'));
  await clock.advance(0);
  expect(log.slice(4)).toEqual(['-c', '-b', '-a']);
  expect(states()).toEqual({ a: 'backing_off', b: 'backing_off', c: 'backing_off', d: 'running' });
  expect(coordinator.list()[1]?.error).toBe('it waits for a, which died');
  await clock.advance(1_000);
  expect(log.slice(7)).toEqual(['+a', '+b', '+c']);
  expect(states()).toEqual({ a: 'running', b: 'running', c: 'running', d: 'running' });
  expect(told('b')).toEqual(['started', 'stopped', 'started']);
});

test('what needs a daemon is stopped before that is restarted, and started after it', async () => {
  const { daemon, coordinator, log } = daemonBench();
  daemon('base');
  daemon('top', { dependsOn: ['base'] });
  await coordinator.startRest();
  await coordinator.restart('base');
  await expect.poll(() => log).toEqual(['+base', '+top', '-top', '-base', '+base', '+top']);
});

test('what is registered while the runtime runs starts what waited for it; what goes takes down what needs it', async () => {
  const { daemon, coordinator, states, log } = daemonBench();
  daemon('top', { dependsOn: ['late'] });
  await coordinator.startRest();
  expect(states()).toEqual({ top: 'failed' });
  daemon('late');
  await coordinator.startAdded('late');
  await expect.poll(states).toEqual({ top: 'running', late: 'running' });
  await coordinator.remove('late');
  expect(log).toEqual(['+late', '+top', '-top', '-late']);
  expect(states()).toEqual({ top: 'failed' });
  expect(coordinator.list()[0]?.error).toMatch(/needs late, which nobody registered/);
});

test('one bad stop never keeps what it needs from stopping', async () => {
  const { daemon, coordinator, clock, log } = daemonBench();
  daemon('a');
  daemon('b', { dependsOn: ['a'], shutdown: never, shutdownTimeoutMs: 500 });
  await coordinator.startRest();
  const stopped = coordinator.stopAll();
  await clock.advance(500);
  await stopped;
  expect(log).toEqual(['+a', '+b', '-a']);
});
