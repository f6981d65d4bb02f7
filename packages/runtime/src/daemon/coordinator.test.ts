import { expect, test } from 'vitest';
import { daemonBench, never } from './testing/daemons.ts';

const fails = (): Promise<never> => Promise.reject(new Error('no port'));
const task = { name: 't', cadence: { everyMs: 1_000 }, purpose: 'observe', run: never } as const;

test('a second daemon of one name is refused, naming both plugins', () => {
  const { daemon } = daemonBench();
  daemon('mail', { pluginName: 'first' });
  expect(() => daemon('mail', { pluginName: 'second' })).toThrow(/second.*first/);
});

test('a name that is no name is refused', () => {
  const { daemon } = daemonBench();
  expect(() => daemon('No Name')).toThrow('is not a daemon name');
});

test('the registry lists in registration order and forgets who is unregistered', () => {
  const { daemon, registry } = daemonBench();
  for (const name of ['b', 'a', 'c']) daemon(name);
  registry.unregister('a');
  expect(registry.list().map(({ name }) => name)).toEqual(['b', 'c']);
  expect(registry.byName('a')).toBeUndefined();
});

test('the rest starts level by level and stops in reverse', async () => {
  const { daemon, coordinator, log } = daemonBench();
  daemon('c', { dependsOn: ['b'] });
  daemon('b', { dependsOn: ['a'] });
  daemon('a');
  await coordinator.startRest();
  expect(log).toEqual(['+a', '+b', '+c']);
  await coordinator.stopAll();
  expect(log.slice(3)).toEqual(['-c', '-b', '-a']);
});

test('one level starts at once: a slow daemon delays only those that need it', async () => {
  const { daemon, coordinator, clock, states } = daemonBench();
  daemon('slow', { startup: () => clock.sleep(5_000).then(() => undefined) });
  daemon('quick');
  const started = coordinator.startRest();
  await clock.advance(0);
  expect(states()).toEqual({ slow: 'starting', quick: 'running' });
  await clock.advance(5_000);
  await started;
  expect(states()).toEqual({ slow: 'running', quick: 'running' });
});

test('daemons in a circle, and those that need nobody knows whom, fail with the reason; the others run', async () => {
  const { daemon, coordinator, states } = daemonBench();
  daemon('a', { dependsOn: ['b'] });
  daemon('b', { dependsOn: ['a'] });
  daemon('c', { dependsOn: ['ghost'] });
  daemon('d');
  await coordinator.startRest();
  expect(states()).toEqual({ a: 'failed', b: 'failed', c: 'failed', d: 'running' });
  const errors = coordinator.list().map(({ error }) => error);
  expect(errors[0]).toMatch(/waits for b in a circle/);
  expect(errors[2]).toMatch(/needs ghost, which nobody registered/);
});

test('what needs a daemon that failed stays down with it', async () => {
  const { daemon, coordinator, states, events } = daemonBench();
  daemon('base', { startup: fails });
  daemon('top', { dependsOn: ['base'] });
  daemon('other');
  await coordinator.startRest();
  expect(states()).toEqual({ base: 'failed', top: 'failed', other: 'running' });
  const failed = events.filter(({ type }) => type === 'kora.daemon.failed');
  expect(failed.map(({ payload }) => payload['daemon'])).toEqual(['base', 'top']);
});

test('the fatal flag of an untrusted plugin is recorded as ignored', async () => {
  const { daemon, coordinator } = daemonBench();
  daemon('guest', { fatalOnStartupFailure: true, trusted: false, startup: fails });
  await coordinator.startFatal();
  await coordinator.startRest();
  expect(coordinator.list()[0]).toMatchObject({ state: 'failed', fatal: false, fatalIgnored: true });
});

test('a fatal daemon that fails stops what had started, in reverse, and ends the boot', async () => {
  const { daemon, coordinator, log } = daemonBench();
  const fatalOnStartupFailure = true;
  daemon('one', { fatalOnStartupFailure });
  daemon('two', { fatalOnStartupFailure });
  daemon('three', { fatalOnStartupFailure, startup: fails });
  daemon('four', { fatalOnStartupFailure });
  await expect(coordinator.startFatal()).rejects.toMatchObject({
    code: 'KORA_DAEMON_START',
    message: expect.stringContaining('three of plugin p: no port') as string,
  });
  expect(log).toEqual(['+one', '+two', '-three', '-two', '-one']);
});

test('a start that hangs ends at its time, and the daemon is asked to clean up', async () => {
  const { daemon, coordinator, clock, log, states } = daemonBench();
  let signal: AbortSignal | undefined;
  daemon('stuck', {
    startupTimeoutMs: 3_000,
    startup: (view) => {
      ({ signal } = view);
      return never();
    },
  });
  daemon('other');
  const started = coordinator.startRest();
  await clock.advance(3_000);
  await started;
  expect(states()).toEqual({ stuck: 'failed', other: 'running' });
  expect(coordinator.list()[0]?.error).toMatch(/did not finish within 3000 ms/);
  expect(signal?.aborted).toBe(true);
  expect(log).toContain('-stuck');
  expect(clock.sleeping).toBe(0);
});

test.each([
  ['hangs', never],
  ['throws', fails],
])('a stop that %s does not keep the others from stopping', async (_, shutdown) => {
  const { daemon, coordinator, clock, log, errors, states, events } = daemonBench();
  daemon('a');
  daemon('bad', { shutdown, dependsOn: ['a'] });
  daemon('c', { dependsOn: ['bad'] });
  await coordinator.startRest();
  const stopped = coordinator.stopAll();
  await clock.advance(10_000);
  await stopped;
  expect(log.filter((line) => line.startsWith('-'))).toEqual(['-c', '-a']);
  expect(states()).toEqual({ a: 'stopped', bad: 'stopped', c: 'stopped' });
  expect(errors).toEqual(['daemon bad']);
  expect(events.filter(({ payload }) => payload['error'] !== undefined)).toHaveLength(1);
});

test('tasks of a daemon are on the schedule while it runs', async () => {
  const { daemon, coordinator, tasks } = daemonBench();
  daemon('a', { periodicTasks: [task] });
  await coordinator.startRest();
  expect([...tasks]).toEqual(['t']);
  await coordinator.restart('a');
  expect([...tasks]).toEqual(['t']);
  await coordinator.stopOne('a');
  expect([...tasks]).toEqual([]);
});

test('a restart stops and starts one daemon and counts it', async () => {
  const { daemon, coordinator, log } = daemonBench();
  daemon('a');
  daemon('b');
  await coordinator.startRest();
  await coordinator.restart('a');
  expect(log).toEqual(['+a', '+b', '-a', '+a']);
  expect(coordinator.list()[0]).toMatchObject({ state: 'running', restarts: 1 });
});

test('two restarts at once are two restarts, never two running copies', async () => {
  const { daemon, coordinator, log, clock } = daemonBench();
  daemon('a', {
    shutdown: async () => {
      await clock.sleep(100);
      log.push('-a');
    },
  });
  await coordinator.startRest();
  const both = Promise.all([coordinator.restart('a'), coordinator.restart('a')]);
  await clock.advance(1_000);
  await both;
  expect(log).toEqual(['+a', '-a', '+a', '-a', '+a']);
  const stopped = coordinator.stopAll();
  await clock.advance(1_000);
  await stopped;
  expect(log.at(-1)).toBe('-a');
});

test('a failed daemon can be started again', async () => {
  const { daemon, coordinator } = daemonBench();
  let broken = true;
  daemon('a', { startup: () => (broken ? fails() : Promise.resolve()) });
  await coordinator.startRest();
  await expect(coordinator.restart('a')).rejects.toMatchObject({ code: 'KORA_DAEMON_START' });
  broken = false;
  await coordinator.restart('a');
  expect(coordinator.list()[0]).toMatchObject({ state: 'running', error: null });
  await expect(coordinator.restart('ghost')).rejects.toMatchObject({ code: 'KORA_DAEMON_UNKNOWN' });
});

test('a daemon that comes up while everything stops is taken down again', async () => {
  const { daemon, coordinator, log, clock } = daemonBench();
  daemon('late', {
    startup: async () => {
      await clock.sleep(1_000);
      log.push('+late');
    },
  });
  const starting = coordinator.startAdded('late');
  await clock.advance(0);
  const stopped = coordinator.stopAll();
  await clock.advance(1_000);
  await Promise.all([starting, stopped]);
  expect(log).toEqual(['+late', '-late']);
  await expect(coordinator.restart('late')).rejects.toThrow('the runtime is stopping');
});

test('a start that ignores the shutdown holds nobody longer than its grace', async () => {
  const { daemon, coordinator, clock, log } = daemonBench();
  daemon('stuck', { startup: never, startupTimeoutMs: 600_000 });
  const starting = coordinator.startRest();
  await clock.advance(0);
  const stopped = coordinator.stopAll();
  await clock.advance(2_000);
  await Promise.all([starting, stopped]);
  expect(log).toEqual(['-stuck']);
  expect(clock.sleeping).toBe(0);
});
