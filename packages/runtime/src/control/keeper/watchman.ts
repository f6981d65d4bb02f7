import type { Sentinel } from '../sentinel.ts';
import type { EmergencyWhat, KeeperTimes, Watched } from './contract.ts';

/** What the keeper sees at one look. Times in milliseconds. */
export interface Sight {
  /** Never goes back; stands still while the machine sleeps, goes on while this process is frozen. */
  readonly monotonic: number;
  readonly sentinel: Sentinel | undefined;
  /** How often the main thread has moved, and the level that it saw last. */
  readonly beats: number;
  readonly heard: number;
}

/** What is to be done about it. */
export type Deed =
  | { readonly kind: 'publish'; readonly level: number; readonly kills: boolean }
  | { readonly kind: 'sentinel'; readonly sentinel: Sentinel | undefined }
  | { readonly kind: 'escalate'; readonly reason: string }
  | { readonly kind: 'tell'; readonly what: EmergencyWhat; readonly detail: string }
  | { readonly kind: 'end'; readonly level: number };

export interface WatchmanOptions {
  readonly times: KeeperTimes;
  /** When the process started, wall clock. */
  readonly startedAt: number;
  /** The sentinel that an earlier process has seen, by its digest. */
  readonly seenBefore: string | undefined;
}

type EffectLevel = keyof KeeperTimes['effectMs'];

interface Watch {
  readonly level: EffectLevel;
  /** On the clock of the time awake. */
  readonly until: number;
  /** How far the main thread was when it began. */
  readonly beats: number;
}

/** A look that comes this many times too late says that the whole process was frozen. */
const lateLooks = 4;

/** The keeper's judgement, without its hands: what it sees goes in, what is to be done comes out. */
export class Watchman {
  readonly #times: KeeperTimes;
  readonly #options: WatchmanOptions;
  readonly #watches = new Map<Watched, Watch>();
  readonly #told = new Map<EmergencyWhat, number>();
  #lookedAt: number | undefined;
  #now = 0;
  /** Time that passed while this process was not frozen: the main thread is blamed for no more than that. */
  #awake = 0;
  #beats = 0;
  #movedAt = 0;
  #isStill = false;
  #digest: string | undefined;
  #kills = false;
  /** The watchdog's own level: in force also where the home takes no sentinel. */
  #own = 0;
  #exit: { readonly at: number; readonly level: number } | undefined;

  constructor(options: WatchmanOptions) {
    this.#options = options;
    this.#times = options.times;
  }

  look(sight: Sight): Deed[] {
    const isFirst = this.#pass(sight.monotonic);
    const deeds = [
      ...this.#watchMain(sight),
      ...this.#readSentinel(sight.sentinel, isFirst),
      ...this.#bite(),
    ];
    const level = Math.max(sight.sentinel?.level ?? 0, this.#own);
    // The level before all else: the door closes first.
    return [{ kind: 'publish', level, kills: this.#kills }, ...deeds, ...this.#end()];
  }

  /** Waits for the effect of a stop; of a kill, for the end. */
  watch(key: Watched, level: number): void {
    if (level >= 4) this.exitBy(this.#times.exitMs, level);
    // One that is told of twice is not waited for longer.
    if (!isEffectLevel(level) || this.#watches.get(key)?.level === level) return;
    this.#watches.set(key, { level, until: this.#awake + this.#times.effectMs[level], beats: this.#beats });
  }

  effective(key: Watched): void {
    this.#watches.delete(key);
  }

  superseded(): void {
    this.#watches.clear();
  }

  /** The earliest deadline counts, and none is taken back. */
  exitBy(ms: number, level: number): void {
    const at = this.#now + ms;
    if (this.#exit === undefined || at < this.#exit.at) this.#exit = { at, level };
  }

  tell(what: EmergencyWhat, detail: string): Deed[] {
    const last = this.#told.get(what);
    if (last !== undefined && this.#now - last < this.#times.tellMs) return [];
    this.#told.set(what, this.#now);
    return [{ kind: 'tell', what, detail }];
  }

  #pass(monotonic: number): boolean {
    const isFirst = this.#lookedAt === undefined;
    this.#awake += Math.min(monotonic - (this.#lookedAt ?? monotonic), lateLooks * this.#times.lookMs);
    this.#lookedAt = monotonic;
    this.#now = monotonic;
    return isFirst;
  }

  #watchMain({ beats, heard }: Sight): Deed[] {
    if (beats !== this.#beats) {
      this.#beats = beats;
      this.#movedAt = this.#awake;
      this.#isStill = false;
    }
    // The door reads the level whenever it is asked; a main thread that moves with it admits nothing past a 1 or a 2.
    const watch = this.#watches.get('sentinel');
    if (watch !== undefined && watch.level < 3 && beats !== watch.beats && heard >= watch.level)
      this.#watches.delete('sentinel');
    const stillMs = this.#awake - this.#movedAt;
    if (this.#isStill || stillMs < this.#times.stillMs) return [];
    this.#isStill = true;
    return this.tell(
      'main_thread',
      `the main thread has not moved for ${seconds(stillMs)}: nothing is worked on`,
    );
  }

  #readSentinel(sentinel: Sentinel | undefined, isFirst: boolean): Deed[] {
    if (sentinel?.digest === this.#digest) return [];
    this.#digest = sentinel?.digest;
    this.#watches.delete('sentinel');
    this.#kills = this.#own >= 4 || (sentinel !== undefined && this.#isKillForUs(sentinel, isFirst));
    if (sentinel !== undefined && (sentinel.level < 4 || this.#kills)) this.watch('sentinel', sentinel.level);
    return [{ kind: 'sentinel', sentinel }];
  }

  /** A kill is meant for the processes that ran when it was issued: one that came while we looked, or after our start. */
  #isKillForUs(sentinel: Sentinel, isFirst: boolean): boolean {
    if (sentinel.level < 4 || sentinel.digest === this.#options.seenBefore) return false;
    return !isFirst || Date.parse(sentinel.at) >= this.#options.startedAt;
  }

  #bite(): Deed[] {
    const [late] = [...this.#watches].filter(([, { until }]) => until <= this.#awake);
    if (late === undefined) return [];
    const [key, { level }] = late;
    const stop = key === 'sentinel' ? 'the stop in the home' : `stop #${key}`;
    const reason = `${stop} (level ${level}) had no effect within ${seconds(this.#times.effectMs[level])}`;
    this.#watches.clear();
    this.#own = 4;
    this.#kills = true;
    this.exitBy(this.#times.exitMs, 4);
    return [{ kind: 'escalate', reason }, ...this.tell('watchdog', `${reason}: it is a level 4 now`)];
  }

  #end(): Deed[] {
    if (this.#exit === undefined || this.#exit.at > this.#now) return [];
    const { level } = this.#exit;
    this.#exit = { at: Number.POSITIVE_INFINITY, level };
    return [
      ...this.tell('exit', `level ${level}: this process did not end by itself in time and is ended now`),
      { kind: 'end', level },
    ];
  }
}

function isEffectLevel(level: number): level is EffectLevel {
  return level === 1 || level === 2 || level === 3;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
