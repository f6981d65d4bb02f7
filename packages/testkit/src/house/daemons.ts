import { BackgroundDaemonRegistry, fault, startOrder, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type { BackgroundDaemonEntry, CoordinatorView, Registration } from '@kora/runtime/plugin';
import type { DaemonState } from '../contract.ts';
import type { Diary } from './diary.ts';
import { checkTask } from './schedule.ts';
import type { Schedule } from './schedule.ts';

const defaultTimeoutMs = 10_000;

interface Running {
  state: DaemonState['state'];
  error: string | null;
  tasks: Registration[];
  /** Aborts when it is to stop. */
  stop: AbortController;
  /** By the clock's own count, in milliseconds. */
  beatAt: number;
}

export interface DaemonPorts {
  readonly plugin: string;
  readonly trusted: boolean;
  readonly clock: FakeClock;
  readonly diary: Diary;
  readonly schedule: Schedule;
}

/** Starts daemons in the order of what they need, and stops them in reverse. */
export class Daemons {
  readonly #registry = new BackgroundDaemonRegistry();
  readonly #states = new Map<string, Running>();
  readonly #ports: DaemonPorts;
  /** Names in the order in which they came up. */
  #up: string[] = [];
  readonly #underway: Promise<void>[] = [];
  #started = false;

  constructor(ports: DaemonPorts) {
    this.#ports = ports;
  }

  list(): readonly DaemonState[] {
    return [...this.#states].map(([name, { state, error }]) => ({ name, state, error }));
  }

  entries(): readonly BackgroundDaemonEntry[] {
    return this.#registry.list();
  }

  /** Throws KORA_DAEMON_DUPLICATE, KORA_PLUGIN_INVALID, KORA_TASK_CADENCE. */
  register(entry: BackgroundDaemonEntry): Registration {
    for (const task of entry.periodicTasks ?? []) checkTask(task);
    const { plugin, trusted } = this.#ports;
    // An entry may be an object of a class, whose methods a copy would lose.
    const registered = Object.assign(Object.create(entry) as BackgroundDaemonEntry, {
      pluginName: plugin,
      trusted,
    });
    this.#registry.register(registered);
    const { name } = entry;
    this.#states.set(name, {
      state: 'registered',
      error: null,
      tasks: [],
      stop: new AbortController(),
      beatAt: 0,
    });
    // As in a running house: whoever registers does not wait for it.
    if (this.#started) this.#underway.push(this.#start(entry));
    return {
      dispose: async () => {
        if (this.#registry.byName(name) !== registered) return;
        await this.#stop(name);
        this.#registry.unregister(name);
        this.#states.delete(name);
      },
    };
  }

  /** A daemon that does not start is `failed`, and keeps no other from starting. */
  async startAll(): Promise<void> {
    this.#started = true;
    const { levels, impossible } = startOrder(this.#registry.list(), new Set(this.#up));
    for (const { daemon, error } of impossible) this.#failed(daemon.name, error);
    for (const level of levels) for (const daemon of level) await this.#start(daemon);
  }

  /** Throws what the daemon's shutdown throws, after all have been asked. */
  async stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const name of this.#up.toReversed())
      await this.#stop(name).catch((error: unknown) => void errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  /** Counts daemons that owe a sign of life as dead, and waits for what is under way. */
  async bury(): Promise<void> {
    const now = this.#ports.clock.monotonic();
    for (const { name, livenessMs } of this.#registry.list()) {
      const running = this.#states.get(name);
      if (livenessMs === undefined || running?.state !== 'running' || now - running.beatAt < livenessMs)
        continue;
      this.#died(name, fault('KORA_TIMEOUT', `no sign of life for ${livenessMs} ms`));
    }
    await Promise.all(this.#underway.splice(0));
  }

  async restart(name: string): Promise<void> {
    const entry = this.#registry.byName(name);
    if (entry === undefined) return;
    await this.#stop(name);
    await this.#start(entry);
  }

  async #start(entry: BackgroundDaemonEntry): Promise<void> {
    const { clock, diary, schedule } = this.#ports;
    const running = this.#states.get(entry.name);
    if (running === undefined || running.state === 'running') return;
    running.stop = new AbortController();
    running.beatAt = clock.monotonic();
    const ms = entry.startupTimeoutMs ?? defaultTimeoutMs;
    const limit = { ms, what: `the start of daemon ${entry.name}`, signal: running.stop.signal };
    try {
      await withDeadline(clock, limit, (signal) => entry.startup(this.view(entry.name, ms, signal)));
      for (const task of entry.periodicTasks ?? []) running.tasks.push(schedule.register(task));
      running.state = 'running';
      running.error = null;
      this.#up.push(entry.name);
      diary.tell('wake', `daemon ${entry.name} started`);
    } catch (error) {
      this.#failed(entry.name, error);
      await this.#end(entry, running).catch(() => undefined); // why it did not start is what counts
    }
  }

  async #stop(name: string): Promise<void> {
    const entry = this.#registry.byName(name);
    const running = this.#states.get(name);
    if (entry === undefined || running === undefined || running.state !== 'running') return;
    running.state = 'stopped';
    this.#up = this.#up.filter((each) => each !== name);
    await this.#end(entry, running);
  }

  async #end(entry: BackgroundDaemonEntry, running: Running): Promise<void> {
    running.stop.abort();
    await this.#offSchedule(running);
    const limit = {
      ms: entry.shutdownTimeoutMs ?? defaultTimeoutMs,
      what: `the stop of daemon ${entry.name}`,
    };
    await withDeadline(this.#ports.clock, limit, () => entry.shutdown());
  }

  async #offSchedule(running: Running): Promise<void> {
    const tasks = running.tasks;
    running.tasks = [];
    for (const task of tasks) await task.dispose();
  }

  /** What a daemon is handed at its start. */
  view(name: string, timeoutMs: number, signal: AbortSignal): CoordinatorView {
    const { clock } = this.#ports;
    const begun = clock.monotonic();
    return {
      signal,
      timeoutMs,
      deadline: new Date(clock.now() + timeoutMs).toISOString(),
      fence: null,
      status: () =>
        Promise.resolve({ primaryState: 'active', uptimeMs: clock.monotonic() - begun, stopLevel: 0 }),
      died: (error) => this.#died(name, error),
      beat: () => {
        const running = this.#states.get(name);
        if (running !== undefined) running.beatAt = clock.monotonic();
      },
    };
  }

  /** Cleaned up as a real house does; starting it again is the test's. */
  #died(name: string, error: unknown): void {
    const entry = this.#registry.byName(name);
    const running = this.#states.get(name);
    if (entry === undefined || running?.state !== 'running') return;
    this.#failed(name, error);
    this.#underway.push(this.#end(entry, running).catch((late: unknown) => this.#failed(name, late)));
  }

  #failed(name: string, error: unknown): void {
    const running = this.#states.get(name);
    if (running === undefined) return;
    running.state = 'failed';
    running.error = messageOf(error);
    this.#up = this.#up.filter((each) => each !== name);
    this.#ports.diary.tell('decision', `daemon ${name} failed: ${messageOf(error)}`);
  }
}
