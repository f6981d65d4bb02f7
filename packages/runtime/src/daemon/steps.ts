import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import type { PeriodicTaskSpec } from './contract.ts';
import type { Life } from './life.ts';
import type { RegisteredDaemon } from './registry.ts';
import { withinDaemon } from './run.ts';
import type { Run } from './run.ts';

/** Puts a running daemon's task on the schedule; answers how to take it off. */
export type Schedule = (daemon: RegisteredDaemon, task: PeriodicTaskSpec) => Promise<() => Promise<void>>;

const defaultTimeoutMs = 10_000;
/** How long a start may go on after it was given up. */
const startGraceMs = 2_000;

export function shutdownMsOf({ shutdownTimeoutMs }: RegisteredDaemon): number {
  return shutdownTimeoutMs ?? defaultTimeoutMs;
}

/** Starts a daemon within its time, and puts its tasks on the schedule. Rejects with what kept it from starting. */
export async function bringUp(
  life: Life,
  run: Run,
  { clock, schedule }: { readonly clock: Clock; readonly schedule: Schedule },
): Promise<void> {
  const { daemon, lease } = life;
  const timeoutMs = daemon.startupTimeoutMs ?? defaultTimeoutMs;
  const deadline = {
    ms: timeoutMs,
    what: `daemon ${daemon.name}`,
    signal: run.signal,
    graceMs: startGraceMs,
  };
  await withDeadline(clock, deadline, async (signal) => {
    const view = run.view({ signal, timeoutMs, fence: lease.fence });
    await Promise.race([withinDaemon(daemon.name, async () => daemon.startup(view)), run.death]);
  });
  for (const task of daemon.periodicTasks ?? []) {
    if (run.signal.aborted) return;
    const work: PeriodicTaskSpec['run'] = (context) => withinDaemon(daemon.name, () => task.run(context));
    life.scheduled(await schedule(daemon, { ...task, run: work }));
  }
}

/** Tasks off the schedule, then shutdown: each within the daemon's time, the second whatever the first did. */
export async function takeDown(life: Life, clock: Clock): Promise<void> {
  const { daemon } = life;
  const ms = shutdownMsOf(daemon);
  const steps = [
    { what: `a task of daemon ${daemon.name}`, end: () => life.unschedule() },
    { what: `daemon ${daemon.name}`, end: async () => withinDaemon(daemon.name, () => daemon.shutdown()) },
  ];
  const errors: unknown[] = [];
  for (const { what, end } of steps) {
    await withDeadline<unknown>(clock, { ms, what }, end).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}
