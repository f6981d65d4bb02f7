import type { Sentinel } from '../sentinel.ts';

/** Times of the keeper in milliseconds; tests shorten them. */
export interface KeeperTimes {
  /** Between two looks at the sentinel. */
  readonly lookMs: number;
  /** A main thread that has not moved for this long stands still. */
  readonly stillMs: number;
  /** From a stop that was observed to its effect, by level. */
  readonly effectMs: { readonly 1: number; readonly 2: number; readonly 3: number };
  /** From a kill that was observed to the hard end. */
  readonly exitMs: number;
  /** One fault is told once in this time. */
  readonly tellMs: number;
}

export const keeperTimes: KeeperTimes = {
  lookMs: 250,
  stillMs: 8_000,
  effectMs: { 1: 120_000, 2: 180_000, 3: 90_000 },
  exitMs: 10_000,
  tellMs: 60_000,
};

export interface KeeperOptions {
  /** Absolute path of the home. */
  readonly home: string;
  /** When this process started, wall clock: an older sentinel is a stop in force and kills nothing. Default: as Node says. */
  readonly startedAt?: number;
  readonly times?: Partial<KeeperTimes>;
  /** Faults of the keeper itself, for the log. */
  readonly onError: (error: unknown) => void;
}

/** `main_thread` is the keeper's own finding, `watchdog` and `exit` are what it did; others come from `tell`. */
export type EmergencyWhat = 'store' | 'sealer' | 'main_thread' | 'watchdog' | 'exit' | 'keeper';

/** What the operator was told past every door, on stderr and in `emergency.ndjson`. */
export interface EmergencyRecord {
  /** A uuid; good as the id of the event that records it. */
  readonly id: string;
  readonly what: EmergencyWhat;
  readonly detail: string;
  /** ISO time. */
  readonly at: string;
  readonly pid: number;
}

/** A stop that the watchdog waits for: a command by its sequence, or the sentinel. */
export type Watched = number | 'sentinel';

export interface Keeper extends AsyncDisposable {
  /**
   * The level that the home asks for, 0 to 5, from shared memory: true at once, also for a main thread that stood still
   * when it was laid down.
   */
  level(): number;
  /** The sentinel in full, as the main thread last heard of it; it may lag behind `level`. */
  sentinel(): Sentinel | undefined;
  /**
   * Whether the sentinel in force is a kill for this very process: issued while it ran. One that is older, by row or
   * sentinel, is a stop in force.
   */
  kills(): boolean;
  /** Milliseconds since the thread was last seen to look: it is to be watched as well. */
  silentForMs(): number;
  /** Called whenever the sentinel appears, changes or goes. Whoever listens late asks `sentinel` first. */
  onSentinel(listener: (sentinel: Sentinel | undefined) => void): Disposable;
  /** Starts the watchdog for a command that was observed; levels 4 and 5 arm the hard end instead. */
  watch(stop: { readonly sequence: number; readonly level: number }): void;
  /**
   * The stop has its effect: 1, claim permission is none; 2, no new call is admitted; 3, the claims are released. The
   * keeper watches a sentinel by itself, and takes its levels 1 and 2 for effective once the main thread moves with it;
   * level 3 needs `effective('sentinel')`.
   */
  effective(stop: Watched): void;
  /** No stop is in force any more. A kill that has begun is not taken back. */
  superseded(): void;
  /** Arms the hard end: in so many milliseconds this process is no more. The earliest deadline counts. */
  exitBy(deadlineMs: number, level: number): void;
  /** The emergency door: tells the operator, with no store and no channel. Once per fault and minute. */
  tell(trouble: { readonly what: EmergencyWhat; readonly detail: string }): void;
  /** What was told and is not recorded yet, also by an earlier process of this home; oldest first. */
  told(): readonly EmergencyRecord[];
  /** These are on the chain and in the inbox now. */
  recorded(ids: readonly string[]): void;
}
