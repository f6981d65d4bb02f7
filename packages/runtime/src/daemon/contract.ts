import type { PeriodicTaskSpec } from './schedule/contract.ts';

export type { Cadence, PeriodicTaskSpec, TaskContext, TaskOutcome } from './schedule/contract.ts';

/** What a daemon may see of the runtime that starts it, and say to it: from its start to its end, and no longer. */
export interface CoordinatorView {
  /** Aborts when this start is given up, and when the daemon is to end: before its `shutdown` is called. */
  readonly signal: AbortSignal;
  /** Milliseconds this start may take. */
  readonly timeoutMs: number;
  /** When this start is given up, ISO 8601. */
  readonly deadline: string;
  /** Of a fleet daemon: rises with every start in the fleet. A write that carries it can be refused when it is stale. */
  readonly fence: number | null;
  status(): Promise<RuntimeGlance>;
  /** Says that the daemon is dead: it is cleaned up and started again. Before the start is over, the start has failed. */
  died(error: unknown): void;
  /** A sign of life, for a daemon with `livenessMs`. Cheap: call it as often as you like. */
  beat(): void;
}

export interface RuntimeGlance {
  /** `booting`, `ready`, `active`, `paused` or `stopped`. */
  readonly primaryState: string;
  readonly uptimeMs: number;
  /** The strictest stop in force, 1 to 5; 0 while there is none. */
  readonly stopLevel: number;
}

/** A long-lived part of the runtime. Name, startup and shutdown suffice. */
export interface BackgroundDaemonEntry {
  /** `^[a-z][a-z0-9_-]*$`, unique in the runtime. */
  readonly name: string;
  startup(coordinator: CoordinatorView): Promise<void>;
  /** Called once after each start, also after one that failed half-way and after a death. */
  shutdown(): Promise<void>;
  /** On the schedule while the daemon runs. */
  readonly periodicTasks?: readonly PeriodicTaskSpec[];
  /** Default 10 000. */
  readonly startupTimeoutMs?: number;
  /** Default 10 000. */
  readonly shutdownTimeoutMs?: number;
  /** The runtime stops when this daemon does not start. Counts only from bundled and trusted plugins. */
  readonly fatalOnStartupFailure?: boolean;
  /** Names of daemons that must run first. It is stopped before they are, and started again after they were. */
  readonly dependsOn?: readonly string[];
  /** `runtime`: each runtime runs it. `fleet`: one runtime of the workspace does, and another takes over. Default `runtime`. */
  readonly scope?: 'runtime' | 'fleet';
  /** Without a `beat` for so many milliseconds it counts as dead; at least 100. Left out, nobody watches. */
  readonly livenessMs?: number;
}
