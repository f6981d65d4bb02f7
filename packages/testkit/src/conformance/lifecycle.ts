import { messageOf } from '@kora/runtime/plugin';
import { settles } from '../house/patience.ts';
import { failure } from './failure.ts';
import type { Subject } from './life.ts';
import { leftOpenBy } from './traces.ts';

const defaultShutdownMs = 10_000;
const defaultStartupMs = 10_000;

export async function leavesNothing(subject: Subject): Promise<void> {
  const runtime = await subject.house();
  const listeners = listenersNow();
  const open = await leftOpenBy(async () => {
    await runtime.load();
    await subject.exercise(runtime);
    await runtime.dispose();
  });
  const added = listenersNow() - listeners;
  const left = [...runtime.leftovers(), ...open, ...(added > 0 ? [`${added} listeners on the process`] : [])];
  if (left.length > 0) throw failure(`after it was taken down this is left: ${left.join(', ')}`);
}

export async function comesAgain(subject: Subject): Promise<void> {
  for (const life of ['first', 'second']) {
    const runtime = await subject.house();
    try {
      await runtime.load();
      await runtime.start();
      for (const { name } of runtime.daemons) await runtime.restartDaemon(name);
      const failed = runtime.daemons.filter(({ state }) => state !== 'running');
      if (failed.length > 0)
        throw failure(
          failed
            .map(({ name, state, error }) => `daemon ${name} is ${state} after a restart: ${error}`)
            .join('; '),
        );
      await runtime.dispose();
      await runtime.dispose();
    } catch (error) {
      throw failure(`in its ${life} life in one process: ${messageOf(error)}`, undefined, error);
    }
  }
}

/** Gives each start up, once before it begins and once after its first step. */
export async function startupHonoursSignal(subject: Subject): Promise<void> {
  for (const early of [true, false]) {
    await subject.live(async (runtime) => {
      for (const entry of runtime.house.daemons.entries()) {
        const given = new AbortController();
        if (early) given.abort();
        const ms = entry.startupTimeoutMs ?? defaultStartupMs;
        const view = runtime.house.daemons.view(entry.name, ms, given.signal);
        const started = begun(() => entry.startup(view));
        await runtime.clock.advance(0);
        given.abort();
        const ended = await settles(runtime.house, started, { fakeMs: 0, realMs: subject.patienceMs });
        if (!ended)
          throw failure(
            `the start of daemon ${entry.name} goes on ${subject.patienceMs} ms after its signal aborted`,
            'hand coordinator.signal to whatever the start waits for',
          );
        await settles(
          runtime.house,
          begun(() => entry.shutdown()),
          { fakeMs: 0, realMs: subject.patienceMs },
        );
      }
    });
  }
}

export async function shutsDownInTime(subject: Subject): Promise<void> {
  await subject.live(async (runtime) => {
    await runtime.start();
    for (const entry of runtime.house.daemons.entries().toReversed()) {
      const fakeMs = entry.shutdownTimeoutMs ?? defaultShutdownMs;
      const stopped = begun(() => entry.shutdown());
      if (!(await settles(runtime.house, stopped, { fakeMs, realMs: subject.patienceMs })))
        throw failure(`daemon ${entry.name} did not shut down within ${fakeMs} ms`);
      await stopped.catch((error: unknown) => {
        throw failure(`the shutdown of daemon ${entry.name} threw: ${messageOf(error)}`, undefined, error);
      });
    }
  });
}

export async function tasksHonourAbort(subject: Subject): Promise<void> {
  await subject.live(async (runtime) => {
    await runtime.start();
    const { schedule } = runtime.house;
    for (const { spec } of schedule.tasks.list()) {
      const given = new AbortController();
      const scheduledAt = new Date(runtime.clock.now()).toISOString();
      const run = begun(() => spec.run({ signal: given.signal, scheduledAt }));
      await runtime.clock.advance(0);
      given.abort();
      if (!(await settles(runtime.house, run, { fakeMs: 0, realMs: subject.patienceMs })))
        throw failure(
          `task ${spec.name} goes on ${subject.patienceMs} ms after its signal aborted`,
          'hand the signal to whatever the task waits for',
        );
    }
  });
}

function listenersNow(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}

/** How it ends is looked at later: until then nobody must call it unhandled. */
function begun(work: () => Promise<unknown>): Promise<unknown> {
  const promise = Promise.resolve().then(work);
  promise.catch(() => undefined);
  return promise;
}
