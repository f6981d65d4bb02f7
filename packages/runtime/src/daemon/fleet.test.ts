import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import type { CoordinatorView } from './contract.ts';
import { daemonBench } from './testing/daemons.ts';
import type { DaemonBench } from './testing/daemons.ts';
import { ScriptedLeases } from './testing/leases.ts';

/** Runtimes on one clock and one store, each with the same fleet daemon. */
function fleet(count: number, shutdownTimeoutMs?: number) {
  const clock = new FakeClock();
  const leases = new ScriptedLeases(clock);
  const up = new Set<string>();
  const clashes: string[] = [];
  const views = new Map<string, CoordinatorView>();
  const slowMs = new Map<string, number>();
  const join = (runtime: string, session = runtime): DaemonBench => {
    const bench = daemonBench({ clock, leases: leases.store(runtime, session) });
    bench.daemon('poller', {
      scope: 'fleet',
      ...(shutdownTimeoutMs === undefined ? {} : { shutdownTimeoutMs }),
      startup: (view) => {
        if (up.size > 0) clashes.push(`${[...up].join()} and ${runtime} at ${clock.monotonic()} ms`);
        up.add(runtime);
        views.set(runtime, view);
        bench.log.push('+poller');
        return Promise.resolve();
      },
      shutdown: async () => {
        await clock.sleep(slowMs.get(runtime) ?? 0);
        up.delete(runtime);
        bench.log.push('-poller');
      },
    });
    return bench;
  };
  const runtimes = Array.from({ length: count }, (_, at) => join(`r${at + 1}`));
  return { clock, leases, up, clashes, views, slowMs, join, runtimes };
}

async function started(bench: DaemonBench): Promise<void> {
  const begun = bench.coordinator.startRest();
  await bench.clock.advance(0);
  await begun;
}

test('one runtime of the fleet runs it, the others stand by and say who does', async () => {
  const { runtimes, up, views } = fleet(3);
  for (const runtime of runtimes) await started(runtime);
  expect([...up]).toEqual(['r1']);
  expect(views.get('r1')?.fence).toBe(1);
  expect(runtimes[0]?.coordinator.list()[0]).toMatchObject({ state: 'running', heldBy: 'r1', fence: 1 });
  expect(runtimes[1]?.coordinator.list()[0]).toMatchObject({ state: 'standby', heldBy: 'r1', fence: null });
  await expect(runtimes[2]?.coordinator.restart('poller')).rejects.toMatchObject({
    code: 'KORA_DAEMON_ELSEWHERE',
  });
});

test('an orderly stop gives the lease back, and another runtime has it at its next look', async () => {
  const { runtimes, up, clock, leases } = fleet(2);
  const [one, two] = runtimes;
  assert.ok(one && two);
  for (const runtime of runtimes) await started(runtime);
  const stopped = one.coordinator.stopAll();
  await clock.advance(3_000);
  await stopped;
  expect([...up]).toEqual(['r2']);
  expect(two.told()).toEqual(['taken_over', 'started']);
  expect(two.events[0]?.payload).toMatchObject({ fence: 2, from_runtime: 'r1' });
  expect(leases.fences.get('poller')).toEqual([1, 2]);
});

test('a holder that hears nothing from the store stops before anybody can take over, however slow its stop is', async () => {
  const { runtimes, up, clock, leases, slowMs } = fleet(2);
  const [one, two] = runtimes;
  assert.ok(one && two);
  for (const runtime of runtimes) await started(runtime);
  slowMs.set('r1', 9_000);
  leases.away.add('r1');
  await clock.advance(10_000);
  expect(one.states()).toEqual({ poller: 'stopping' });
  await clock.advance(9_000);
  expect(one.states()).toEqual({ poller: 'standby' });
  expect(one.told()).toEqual(['started', 'stopped']);
  expect(one.events[1]?.payload['cause']).toBe('lease_lost');
  expect([...up]).toEqual([]);
  await clock.advance(30_000);
  expect([...up]).toEqual(['r2']);
  leases.away.delete('r1');
  await clock.advance(60_000);
  expect([...up]).toEqual(['r2']);
  expect(one.states()).toEqual({ poller: 'standby' });
});

test('a store that is away for a moment takes the daemon from nobody', async () => {
  const { runtimes, clock, leases } = fleet(1);
  const [one] = runtimes;
  assert.ok(one);
  await started(one);
  leases.away.add('r1');
  await clock.advance(6_500);
  leases.away.delete('r1');
  await clock.advance(60_000);
  expect(one.log).toEqual(['+poller']);
});

test('a runtime that comes back after a crash takes what its earlier session held, at once', async () => {
  const { join, leases, clock } = fleet(0);
  const before = leases.store('r1', 'the session before');
  await before.hold([{ daemon: 'poller', leaseMs: 35_000, fence: 0 }]);
  const again = join('r1', 'this session');
  await started(again);
  expect(again.states()).toEqual({ poller: 'running' });
  expect(again.told()).toEqual(['started']);
  expect(clock.monotonic()).toBe(0);
});

test('one that dies here may run elsewhere while it backs off', async () => {
  const { runtimes, up, clock, views } = fleet(2);
  const [one, two] = runtimes;
  assert.ok(one && two);
  for (const runtime of runtimes) await started(runtime);
  await clock.advance(2_500);
  views.get('r1')?.died(new Error('no disk'));
  await clock.advance(900);
  expect([...up]).toEqual(['r2']);
  await clock.advance(10_000);
  expect([one.states(), two.states()]).toEqual([{ poller: 'standby' }, { poller: 'running' }]);
});

test('what needs a fleet daemon stands by with it, and goes with it when the lease is lost, without delaying it', async () => {
  const { runtimes, clock, leases, up } = fleet(2);
  const [one, two] = runtimes;
  assert.ok(one && two);
  for (const { daemon, clock: time } of [one, two])
    daemon('reader', { dependsOn: ['poller'], shutdown: () => time.sleep(8_000).then(() => undefined) });
  for (const runtime of runtimes) await started(runtime);
  expect(two.states()).toEqual({ poller: 'standby', reader: 'standby' });
  leases.away.add('r1');
  await clock.advance(10_000);
  expect(one.states()).toEqual({ poller: 'stopping', reader: 'stopping' });
  await clock.advance(4_000);
  expect([...up]).toEqual([]);
  await clock.advance(40_000);
  expect(two.states()).toEqual({ poller: 'running', reader: 'running' });
  expect(one.states()).toEqual({ poller: 'standby', reader: 'standby' });
});

test('a lease that is lost while the runtime stops ends its daemon before others that are slow to go', async () => {
  const { runtimes, clock, leases, up, clashes } = fleet(2);
  const [one, two] = runtimes;
  assert.ok(one && two);
  for (const runtime of runtimes) await started(runtime);
  one.daemon('slow', {
    shutdownTimeoutMs: 300_000,
    shutdown: () => clock.sleep(120_000).then(() => undefined),
  });
  await one.coordinator.startAdded('slow');
  const stopped = one.coordinator.stopAll();
  leases.away.add('r1');
  await clock.advance(120_000);
  await stopped;
  expect(clashes).toEqual([]);
  expect([...up]).toEqual(['r2']);
});

test('a daemon that is taken away while its lease is asked for leaves it to others, and comes back when it is added again', async () => {
  const clock = new FakeClock();
  const leases = new ScriptedLeases(clock);
  const store = leases.store('r1');
  let asked = Promise.withResolvers<void>();
  const late = {
    ...store,
    hold: (asks: Parameters<typeof store.hold>[0]) => asked.promise.then(() => store.hold(asks)),
  };
  const bench = daemonBench({ clock, leases: late });
  bench.daemon('poller', { scope: 'fleet' });
  void bench.coordinator.startRest();
  await clock.advance(0);
  const removed = bench.coordinator.remove('poller');
  asked.resolve();
  await clock.advance(0);
  await removed;
  await clock.advance(10_000);
  expect(leases.holder('poller')).toBeNull();
  asked = Promise.withResolvers<void>();
  bench.daemon('poller', { scope: 'fleet' });
  const added = bench.coordinator.startAdded('poller');
  await clock.advance(0);
  await bench.coordinator.remove('poller');
  await added;
  bench.daemon('poller', { scope: 'fleet' });
  const again = bench.coordinator.startAdded('poller');
  asked.resolve();
  await clock.advance(10_000);
  await again;
  expect(bench.states()).toEqual({ poller: 'running' });
});

const slowestMs = 10_000;
/** The slowest stop is still one: one that outlasts its time is given up, and may go on beside the next start. */
const inTime = slowestMs + 1;
const move = fc.oneof(
  fc.record({ kind: fc.constant('away' as const), runtime: fc.nat(2) }),
  fc.record({ kind: fc.constant('back' as const), runtime: fc.nat(2) }),
  fc.record({ kind: fc.constant('die' as const), runtime: fc.nat(2) }),
  fc.record({
    kind: fc.constant('slow' as const),
    runtime: fc.nat(2),
    ms: fc.integer({ min: 0, max: slowestMs }),
  }),
  fc.record({ kind: fc.constant('restart' as const), runtime: fc.nat(2) }),
  fc.record({ kind: fc.constant('stop' as const), runtime: fc.nat(2) }),
);

test('law: never two at once, fences only rise, and when all is well again one runs it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(move, fc.integer({ min: 0, max: 60_000 })), { maxLength: 20 }),
      async (moves) => {
        const { runtimes, clock, leases, up, clashes, views, slowMs } = fleet(3, inTime);
        const gone = new Set<number>();
        for (const runtime of runtimes) await started(runtime);
        const stops: Promise<unknown>[] = [];
        for (const [step, waitMs] of moves) {
          const runtime = runtimes[step.runtime];
          const name = `r${step.runtime + 1}`;
          assert.ok(runtime);
          if (step.kind === 'away') leases.away.add(name);
          if (step.kind === 'back') leases.away.delete(name);
          if (step.kind === 'die') views.get(name)?.died(new Error('dead'));
          if (step.kind === 'slow') slowMs.set(name, step.ms);
          if (step.kind === 'restart')
            stops.push(runtime.coordinator.restart('poller').catch(() => undefined));
          if (step.kind === 'stop')
            stops.push(runtime.coordinator.stopAll(), Promise.resolve(gone.add(step.runtime)));
          await clock.advance(waitMs);
          expect(clashes).toEqual([]);
        }
        leases.away.clear();
        for (const [at, { coordinator }] of runtimes.entries()) {
          if (!gone.has(at)) stops.push(coordinator.restart('poller').catch(() => undefined));
        }
        await clock.advance(300_000);
        await Promise.all(stops);
        const fences = leases.fences.get('poller') ?? [];
        expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
        expect(up.size).toBe(gone.size < 3 ? 1 : 0);
        expect(clashes).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
