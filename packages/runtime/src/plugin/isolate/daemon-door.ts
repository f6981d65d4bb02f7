import type { z } from 'zod';
import type { BackgroundDaemonEntry, CoordinatorView, PeriodicTaskSpec } from '../contract.ts';
import * as common from './arrivals.ts';
import * as arrivals from './daemon-arrivals.ts';
import { fromWire } from './frame.ts';
import type { Remote } from './remote.ts';

const defaultMs = 10_000;

/**
 * The daemons of a guest that were started and not yet shut down, by a number that each start gets anew: what a guest says
 * of an earlier life is about nothing.
 */
export class GuestDaemons {
  readonly #lives = new Map<number, CoordinatorView>();
  #last = 0;

  begin(view: CoordinatorView): number {
    this.#last += 1;
    this.#lives.set(this.#last, view);
    return this.#last;
  }

  end(life: number): void {
    this.#lives.delete(life);
  }

  of(life: number): CoordinatorView | undefined {
    return this.#lives.get(life);
  }

  /** Any that lives: what a daemon may ask about the runtime is the same for all. */
  get any(): CoordinatorView | undefined {
    return this.#lives.values().next().value;
  }
}

/** A guest's daemon as the house sees it. */
export function remoteDaemon(
  { handle, tasks: _tasks, ...entry }: z.infer<typeof common.registrations.daemon>,
  periodicTasks: readonly PeriodicTaskSpec[],
  remote: Remote,
): BackgroundDaemonEntry {
  const { daemons } = remote;
  const call = { handle, answer: common.nothing };
  let life = 0;
  return {
    ...entry,
    periodicTasks,
    startup: async (view) => {
      const { signal, timeoutMs, deadline, fence } = view;
      life = daemons.begin(view);
      const args = { timeoutMs, deadline, fence, life };
      const ms = entry.startupTimeoutMs ?? defaultMs;
      await remote.call({ ...call, member: 'startup', args, ms, signal });
    },
    shutdown: async () => {
      daemons.end(life);
      const ms = entry.shutdownTimeoutMs ?? defaultMs;
      await remote.callIfThere({ ...call, member: 'shutdown', args: { life }, ms });
    },
  };
}

/** What a guest may ask on behalf of its daemons. */
export function daemonMethods({ daemons }: Remote): [string, (params: unknown) => Promise<unknown>][] {
  return [['daemon.status', async () => (await daemons.any?.status()) ?? null]];
}

/** Words that want no answer: one of a life that is over is nothing. */
export function hearDaemon({ daemons }: Remote, method: string, params: unknown): void {
  if (method === 'daemon.beat') {
    const said = arrivals.daemonBeat.safeParse(params);
    if (said.success) daemons.of(said.data.life)?.beat();
  }
  if (method === 'daemon.died') {
    const said = arrivals.daemonDeath.safeParse(params);
    if (said.success) daemons.of(said.data.life)?.died(fromWire(said.data.error));
  }
}
