import { Crashes } from './crashes.ts';
import { asksAndMayBeFatal } from './registry.ts';
import type { RegisteredDaemon } from './registry.ts';
import type { Run } from './run.ts';

/**
 * A daemon is `registered`, `starting`, `running`. What dies is `stopping` until it is cleaned up and then `backing_off`
 * until it is started again, or `quarantined` when it keeps dying; what needs it goes down with it and comes back with it.
 * One that did not start is `failed` and left behind. A fleet daemon that another runtime runs is on `standby`.
 */
export const daemonStates = [
  'registered',
  'starting',
  'running',
  'backing_off',
  'failed',
  'quarantined',
  'standby',
  'stopping',
  'stopped',
] as const;

export type DaemonState = (typeof daemonStates)[number];

/** States of a daemon that should run and does not. */
export const downStates: ReadonlySet<DaemonState> = new Set(['backing_off', 'failed', 'quarantined']);

/** A daemon as people see it. */
export interface DaemonView {
  readonly name: string;
  readonly pluginName: string;
  readonly state: DaemonState;
  readonly fatal: boolean;
  /** It asked to be fatal and its plugin may not be. */
  readonly fatalIgnored: boolean;
  readonly dependsOn: readonly string[];
  readonly scope: 'runtime' | 'fleet';
  readonly livenessMs: number | null;
  readonly startedAt: string | null;
  readonly startMs: number | null;
  /** How often it was started again since the runtime began. */
  readonly restarts: number;
  /** How often it died since the runtime began; the last ten minutes decide about a quarantine. */
  readonly deaths: number;
  readonly diedAt: string | null;
  /** When it will be started again by itself. */
  readonly nextStartAt: string | null;
  /** Of a fleet daemon: the runtime that holds its lease, as this one heard last, and the fence while that is this one. */
  readonly heldBy: string | null;
  readonly fence: number | null;
  readonly error: string | null;
  readonly tasks: readonly string[];
}

/** Why a daemon that is down is down: it says whether it comes up by itself. */
export type Rest =
  /** Nobody has asked for it yet. */
  | 'new'
  /** It comes up as soon as what it needs runs and, of a fleet daemon, the lease is ours. */
  | 'waiting'
  | 'backing_off'
  | 'failed'
  | 'quarantined'
  | 'stopped';

/** Why a daemon that is up goes down. */
export type Going = 'asked' | 'restart' | 'died' | 'lost' | 'need';

export interface LeaseSeen {
  /** A lease that was lost is asked for anew only when the daemon is down. */
  readonly status: 'unasked' | 'elsewhere' | 'held' | 'lost';
  readonly holder: string | null;
  readonly fence: number | null;
}

/** What follows from a death: milliseconds until the next start, or that there is none. */
export type Verdict = number | 'quarantine';

/** What the coordinator knows of one daemon. Nobody sets its state: that follows from the rest. */
export class Life {
  readonly daemon: RegisteredDaemon;
  phase: 'down' | 'starting' | 'up' | 'ending' = 'down';
  rest: Rest = 'new';
  going: Going | undefined;
  /** It goes down at once, whether or not what needs it has: its lease will not wait. */
  force = false;
  /** From the start that is under way, or went well, to its end. */
  run: Run | undefined;
  /** Of a death, until what is left of the daemon is cleaned up. */
  verdict: Verdict | undefined;
  /** It ran before: when it does not come up again, that is as bad as another death. */
  ran = false;
  /** Why somebody asked for this start; then a failure is theirs to look at. */
  asked: string | null = null;
  attempts = 0;
  /** What needs it has and cannot have now. */
  blocked: { readonly state: DaemonState; readonly error: string } | undefined;
  lease: LeaseSeen = { status: 'unasked', holder: null, fence: null };
  error: string | null = null;
  /** What mends the error, where whoever threw it said so. */
  fix: string | undefined;
  startedAt: string | null = null;
  startMs: number | null = null;
  restarts = 0;
  deaths = 0;
  diedAt: string | null = null;
  nextStartAt: string | null = null;
  readonly crashes: Crashes = new Crashes();
  /** Requests of people happen one after the other: two restarts at once are two restarts. */
  turn: Promise<unknown> = Promise.resolve();
  #offs: (() => Promise<void>)[] = [];
  #off: Promise<unknown> | undefined;
  #shown = '';

  constructor(daemon: RegisteredDaemon) {
    this.daemon = daemon;
  }

  get name(): string {
    return this.daemon.name;
  }

  get fleet(): boolean {
    return this.daemon.scope === 'fleet';
  }

  /** Up, and not on its way down. */
  get stands(): boolean {
    return this.phase === 'up' && this.going === undefined;
  }

  get state(): DaemonState {
    if (this.phase === 'starting') return this.going === undefined ? 'starting' : 'stopping';
    if (this.phase === 'up') return this.going === undefined ? 'running' : 'stopping';
    if (this.phase === 'ending') return 'stopping';
    if (this.rest === 'new') return 'registered';
    if (this.rest !== 'waiting') return this.rest;
    return (
      this.blocked?.state ?? (this.fleet && this.lease.status === 'elsewhere' ? 'standby' : 'registered')
    );
  }

  /** True when people would see it otherwise than the last time. */
  changed(): boolean {
    const { state, error, nextStartAt, heldBy } = this.view();
    const now = JSON.stringify([state, error, nextStartAt, heldBy]);
    const isNew = now !== this.#shown;
    this.#shown = now;
    return isNew;
  }

  scheduled(off: () => Promise<void>): void {
    this.#offs.push(off);
  }

  /** Takes its tasks off the schedule; asked again, the same. */
  unschedule(): Promise<unknown> {
    this.#off ??= Promise.all(this.#offs.splice(0).map((off) => off()));
    this.#off.catch(() => undefined); // whoever ends the daemon hears of it
    return this.#off;
  }

  /** A new start: what the last one left is over. */
  begin(run: Run): void {
    this.phase = 'starting';
    this.run = run;
    this.going = undefined;
    this.verdict = undefined;
    this.force = false;
    this.nextStartAt = null;
    this.#off = undefined;
    if (this.attempts > 0) this.restarts += 1;
    this.attempts += 1;
  }

  came(at: string, elapsedMs: number): void {
    this.phase = 'up';
    this.ran = true;
    this.startedAt = at;
    this.startMs = elapsedMs;
    this.error = null;
  }

  /** It is down, and nothing is left of the run. */
  fell(): void {
    this.phase = 'down';
    this.run = undefined;
    this.going = undefined;
    this.startedAt = null;
    this.startMs = null;
  }

  view(): DaemonView {
    const { daemon, state, fleet, lease } = this;
    return {
      name: daemon.name,
      pluginName: daemon.pluginName,
      state,
      fatal: asksAndMayBeFatal(daemon),
      fatalIgnored: daemon.fatalOnStartupFailure === true && !daemon.trusted,
      dependsOn: daemon.dependsOn ?? [],
      scope: daemon.scope ?? 'runtime',
      livenessMs: daemon.livenessMs ?? null,
      startedAt: this.startedAt,
      startMs: this.startMs,
      restarts: this.restarts,
      deaths: this.deaths,
      diedAt: this.diedAt,
      nextStartAt: this.nextStartAt,
      heldBy: fleet ? lease.holder : null,
      fence: lease.fence,
      error: this.blocked?.error ?? this.error,
      tasks: (daemon.periodicTasks ?? []).map(({ name }) => name),
    };
  }
}

export function namesOf({ daemon }: Life): { daemon: string; plugin: string } {
  return { daemon: daemon.name, plugin: daemon.pluginName };
}
