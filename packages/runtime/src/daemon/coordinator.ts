import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { PeriodicTaskSpec } from './contract.ts';
import { daemonFailed, daemonStarted, daemonStopped } from './events.ts';
import { startOrder } from './order.ts';
import type { BackgroundDaemonRegistry, RegisteredDaemon } from './registry.ts';

export type DaemonState = 'registered' | 'starting' | 'running' | 'failed' | 'stopping' | 'stopped';

/** A daemon as people see it. */
export interface DaemonView {
  readonly name: string;
  readonly pluginName: string;
  readonly state: DaemonState;
  readonly fatal: boolean;
  /** It asked to be fatal and its plugin may not be. */
  readonly fatalIgnored: boolean;
  readonly dependsOn: readonly string[];
  readonly startedAt: string | null;
  readonly startMs: number | null;
  readonly restarts: number;
  readonly error: string | null;
  readonly tasks: readonly string[];
}

export interface CoordinatorOptions {
  readonly registry: BackgroundDaemonRegistry;
  readonly clock: Clock;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  /** Puts a running daemon's task on the schedule; answers how to take it off. */
  readonly schedule: (daemon: RegisteredDaemon, task: PeriodicTaskSpec) => Promise<() => Promise<void>>;
  /** Told after each change of a daemon's state. */
  readonly onState: (daemon: DaemonView) => void;
  readonly onError: (where: string, error: unknown) => void;
}

interface Life {
  state: DaemonState;
  startedAt: string | null;
  startMs: number | null;
  restarts: number;
  error: string | null;
  unschedule: (() => Promise<void>)[];
  /** What is asked of one daemon happens one after the other: two restarts at once are two restarts. */
  turn: Promise<unknown>;
}

const defaultTimeoutMs = 10_000;
/** How long a start may go on after shutdown began. */
const startGraceMs = 2_000;

/**
 * Starts daemons in order and stops them in reverse. Fatal ones start first, one by one; one that fails stops what had
 * started and ends the boot. The rest start concurrently, level by level; one that fails is recorded and left behind,
 * and only what depends on it stays down too.
 */
export class DaemonCoordinator {
  readonly #options: CoordinatorOptions;
  readonly #lives = new Map<string, Life>();
  /** Names in the order they came up. */
  readonly #started: string[] = [];
  readonly #shutdown = new AbortController();

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Throws KORA_DAEMON_START after stopping, in reverse, whatever had started. */
  async startFatal(): Promise<void> {
    const { levels, impossible } = startOrder(this.#options.registry.list().filter(isFatal), new Set());
    // One that cannot be placed fails in its turn, last, with the reason.
    for (const daemon of [...levels.flat(), ...impossible.map((each) => each.daemon)]) {
      if (this.#shutdown.signal.aborted) return;
      await this.#startIfPossible(daemon);
      const life = this.#life(daemon.name);
      if (life.state === 'running') continue;
      await this.stopAll();
      throw fault(
        'KORA_DAEMON_START',
        `fatal daemon ${daemon.name} of plugin ${daemon.pluginName}: ${life.error}`,
        {
          fix: 'kora daemon list',
        },
      );
    }
  }

  /** Never throws for a daemon's sake. */
  async startRest(): Promise<void> {
    const waiting = this.#options.registry
      .list()
      .filter(({ name }) => this.#life(name).state === 'registered');
    const { levels, impossible } = startOrder(waiting, new Set(this.#started));
    for (const { daemon, error } of impossible) await this.#failed(daemon, error);
    for (const level of levels) {
      await Promise.all(level.map((daemon) => this.#startIfPossible(daemon)));
    }
  }

  /** Starts a daemon that was registered while the runtime runs. */
  async startAdded(name: string): Promise<void> {
    const daemon = this.#registered(name);
    await this.#inTurn(name, () => this.#startIfPossible(daemon));
  }

  /** Stops and starts one daemon. Throws KORA_DAEMON_UNKNOWN, KORA_DAEMON_START. */
  async restart(name: string): Promise<void> {
    const daemon = this.#registered(name);
    await this.#inTurn(name, async () => {
      if (this.#shutdown.signal.aborted)
        throw fault('KORA_DAEMON_START', `daemon ${name}: the runtime is stopping`);
      await this.#stopStarted(daemon);
      await this.#start(daemon);
      const life = this.#life(name);
      life.restarts += 1;
      if (life.state !== 'running') throw fault('KORA_DAEMON_START', `daemon ${name}: ${life.error}`);
    });
  }

  /** Stops one daemon if it runs. */
  async stopOne(name: string): Promise<void> {
    const daemon = this.#options.registry.byName(name);
    if (daemon !== undefined) await this.#inTurn(name, () => this.#stopStarted(daemon));
  }

  /** Forgets a daemon that is gone from the registry. */
  forget(name: string): void {
    this.#lives.delete(name);
  }

  /** Stops everything in reverse; one bad stop never keeps the others from stopping. */
  async stopAll(): Promise<void> {
    this.#shutdown.abort();
    for (const name of this.#started.toReversed()) await this.stopOne(name);
  }

  list(): DaemonView[] {
    return this.#options.registry.list().map((daemon) => this.#view(daemon));
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const life = this.#life(name);
    const mine = life.turn.then(work);
    life.turn = mine.catch(() => undefined);
    return mine;
  }

  async #stopStarted(daemon: RegisteredDaemon): Promise<void> {
    const at = this.#started.indexOf(daemon.name);
    if (at < 0) return;
    this.#started.splice(at, 1);
    await this.#stop(daemon);
  }

  async #startIfPossible(daemon: RegisteredDaemon): Promise<void> {
    const missing = (daemon.dependsOn ?? []).filter((name) => !this.#started.includes(name));
    if (this.#shutdown.signal.aborted) return;
    if (missing.length === 0) return this.#start(daemon);
    await this.#failed(
      daemon,
      fault('KORA_DAEMON_DEPENDS', `it needs ${missing.join(', ')}, which did not start`),
    );
  }

  async #start(daemon: RegisteredDaemon): Promise<void> {
    const { clock, record, schedule } = this.#options;
    const life = this.#life(daemon.name);
    this.#become(daemon, 'starting');
    const from = clock.monotonic();
    const timeoutMs = daemon.startupTimeoutMs ?? defaultTimeoutMs;
    const { signal: shutdown } = this.#shutdown;
    const what = `daemon ${daemon.name}`;
    const deadline = { ms: timeoutMs, what, signal: shutdown, graceMs: startGraceMs };
    try {
      await withDeadline(clock, deadline, (signal) => daemon.startup({ signal, timeoutMs }));
      // Whoever came up behind the back of `stopAll` would be stopped by nobody.
      if (shutdown.aborted) throw fault('KORA_DAEMON_START', 'the runtime is stopping');
      for (const task of daemon.periodicTasks ?? []) life.unschedule.push(await schedule(daemon, task));
    } catch (error) {
      await this.#dispose(daemon);
      return this.#failed(daemon, error);
    }
    life.startedAt = new Date(clock.now()).toISOString();
    life.startMs = Math.round(clock.monotonic() - from);
    life.error = null;
    this.#started.push(daemon.name);
    this.#become(daemon, 'running');
    await this.#record(record, draft(daemonStarted, { ...namesOf(daemon), elapsed_ms: life.startMs }));
  }

  /** A half-started daemon is asked to clean up after itself, within its own time. */
  async #dispose(daemon: RegisteredDaemon): Promise<void> {
    await this.#end(daemon).catch((error: unknown) => this.#options.onError(`daemon ${daemon.name}`, error));
  }

  /** Tasks off the schedule, then shutdown: each within the daemon's time, the second whatever the first did. */
  async #end(daemon: RegisteredDaemon): Promise<void> {
    const { clock } = this.#options;
    const tasks = this.#life(daemon.name).unschedule.splice(0);
    const ms = daemon.shutdownTimeoutMs ?? defaultTimeoutMs;
    const steps = [
      { what: `a task of daemon ${daemon.name}`, end: () => Promise.all(tasks.map((off) => off())) },
      { what: `daemon ${daemon.name}`, end: () => daemon.shutdown() },
    ];
    const errors: unknown[] = [];
    for (const { what, end } of steps) {
      await withDeadline<unknown>(clock, { ms, what }, end).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  async #stop(daemon: RegisteredDaemon): Promise<void> {
    const { record, onError } = this.#options;
    const life = this.#life(daemon.name);
    this.#become(daemon, 'stopping');
    let error: string | undefined;
    try {
      await this.#end(daemon);
    } catch (cause) {
      error = messageOf(cause);
      onError(`daemon ${daemon.name}`, cause);
    }
    life.error = error ?? null;
    life.startedAt = null;
    this.#become(daemon, 'stopped');
    await this.#record(
      record,
      draft(daemonStopped, { ...namesOf(daemon), ...(error === undefined ? {} : { error }) }),
    );
  }

  async #failed(daemon: RegisteredDaemon, error: unknown): Promise<void> {
    this.#life(daemon.name).error = messageOf(error);
    this.#become(daemon, 'failed');
    const payload = { ...namesOf(daemon), error: messageOf(error), fatal: isFatal(daemon) };
    await this.#record(this.#options.record, draft(daemonFailed, payload));
  }

  /** What happened to a daemon is no less true when the store cannot take it. */
  async #record(record: CoordinatorOptions['record'], event: EventDraft): Promise<void> {
    await record([event]).catch((error: unknown) => this.#options.onError(event.type, error));
  }

  #become(daemon: RegisteredDaemon, state: DaemonState): void {
    this.#life(daemon.name).state = state;
    this.#options.onState(this.#view(daemon));
  }

  #view(daemon: RegisteredDaemon): DaemonView {
    const { state, startedAt, startMs, restarts, error } = this.#life(daemon.name);
    return {
      name: daemon.name,
      pluginName: daemon.pluginName,
      state,
      fatal: isFatal(daemon),
      fatalIgnored: daemon.fatalOnStartupFailure === true && !daemon.trusted,
      dependsOn: daemon.dependsOn ?? [],
      startedAt,
      startMs,
      restarts,
      error,
      tasks: (daemon.periodicTasks ?? []).map(({ name }) => name),
    };
  }

  #registered(name: string): RegisteredDaemon {
    const daemon = this.#options.registry.byName(name);
    if (daemon === undefined)
      throw fault('KORA_DAEMON_UNKNOWN', `there is no daemon ${name}`, { fix: 'kora daemon list' });
    return daemon;
  }

  #life(name: string): Life {
    const known = this.#lives.get(name);
    if (known !== undefined) return known;
    const life: Life = {
      state: 'registered',
      startedAt: null,
      startMs: null,
      restarts: 0,
      error: null,
      unschedule: [],
      turn: Promise.resolve(),
    };
    this.#lives.set(name, life);
    return life;
  }
}

function isFatal(daemon: RegisteredDaemon): boolean {
  return daemon.fatalOnStartupFailure === true && daemon.trusted;
}

function namesOf(daemon: RegisteredDaemon): { daemon: string; plugin: string } {
  return { daemon: daemon.name, plugin: daemon.pluginName };
}
