import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Clock } from '../clock/index.ts';
import { attributed } from './attribution.ts';
import type { PluginLog } from './contract.ts';

/** Milliseconds: the median, the 99th percentile and the longest. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a plugin used since the runtime started, as it was measured. What cannot be known is null, never a guess. */
export interface PluginUsage {
  /** Processor time of its processes. Null in-process: there it shares ours. */
  readonly cpuMs: number | null;
  /** In-process only: how long the synchronous beginnings of its calls held the runtime's event loop. */
  readonly loopMs: number | null;
  /** Resident memory of its process at the last look. Null in-process, and while no process runs. */
  readonly residentMb: number | null;
  /**
   * Of a plugin in a process of its own, how late that process's event loop was, as it says itself; in-process, how long
   * each single call held the runtime's. Null before there was anything to measure.
   */
  readonly eventLoopDelayMs: LoopDelay | null;
  /** Lines it wrote, the bytes of those that reached the log, and how many were dropped as too many. */
  readonly logLines: number;
  readonly logBytes: number;
  readonly dropped: number;
  /** Calls of its code by the runtime, and how many of these failed, with what it threw outside of any call. */
  readonly calls: number;
  readonly errors: number;
  /** Of its process. */
  readonly crashes: number;
  readonly restarts: number;
}

/** What one process of a guest was last seen to have used. */
export interface ProcessLook {
  readonly cpuMs: number | null;
  readonly residentMb: number | null;
  readonly eventLoopDelayMs: LoopDelay | null;
}

const microsecondsPerMs = 1_000;
/** An hour; a call that holds the loop for longer is told as this long. */
const longestUs = 3_600_000_000;

export interface MeterOptions {
  /** The plugin runs in this process, so what its calls hold is our event loop. */
  readonly shares: boolean;
  /** Hears that a piece of its work came to a good end. */
  readonly proved?: () => void;
}

/** Counts what one plugin uses, over all its lives in this runtime. */
export class Meter {
  readonly #clock: Clock;
  readonly #plugin: string;
  readonly #shares: boolean;
  readonly #proved: (() => void) | undefined;
  /** Native memory, so not before there is something to count. */
  #held: RecordableHistogram | undefined;
  #loopMs = 0;
  #pastCpuMs: number | null = null;
  #process: ProcessLook | undefined;
  #logLines = 0;
  #logBytes = 0;
  #dropped = 0;
  #calls = 0;
  #errors = 0;
  #crashes = 0;
  #starts = 0;

  constructor(clock: Clock, plugin: string, { shares, proved }: MeterOptions) {
    this.#clock = clock;
    this.#plugin = plugin;
    this.#shares = shares;
    this.#proved = proved;
  }

  /**
   * Runs a call of the plugin's code under its name, and counts it; one that is its `work` proves it by a good end. Answers
   * and throws what it does.
   */
  call<T>(work: () => T, { isWork = false }: { readonly isWork?: boolean } = {}): T {
    this.#calls += 1;
    const begin = this.#clock.monotonic();
    try {
      const answer = attributed(this.#plugin, work);
      if (answer instanceof Promise) this.#follow(answer, isWork);
      return answer;
    } catch (error) {
      this.#errors += 1;
      throw error;
    } finally {
      if (this.#shares) this.#note(this.#clock.monotonic() - begin);
    }
  }

  /** Something it threw where nobody was waiting for it. */
  erred(): void {
    this.#errors += 1;
  }

  /** A line that came to the log, with its bytes; or one that did not. */
  wrote(bytes: number | 'dropped'): void {
    this.#logLines += 1;
    if (bytes === 'dropped') this.#dropped += 1;
    else this.#logBytes += bytes;
  }

  /** The log of a plugin, counted. */
  over(log: PluginLog): PluginLog {
    const counted =
      (level: keyof PluginLog): PluginLog['info'] =>
      (message, fields) => {
        this.wrote(bytesOf(message, fields));
        log[level](message, fields);
      };
    return { info: counted('info'), warn: counted('warn'), error: counted('error') };
  }

  /** A process of it has started. */
  started(): void {
    this.#starts += 1;
    this.#process = undefined;
  }

  /** What its process has used by now. */
  looked(look: ProcessLook): void {
    this.#process = look;
  }

  /** Its process has ended; what was last seen of it stays counted. */
  ended({ crashed }: { readonly crashed: boolean }): void {
    if (crashed) this.#crashes += 1;
    this.#pastCpuMs = sum(this.#pastCpuMs, this.#process?.cpuMs ?? null);
    this.#process = undefined;
  }

  usage(): PluginUsage {
    return {
      cpuMs: sum(this.#pastCpuMs, this.#process?.cpuMs ?? null),
      loopMs: this.#shares ? this.#loopMs : null,
      residentMb: this.#process?.residentMb ?? null,
      eventLoopDelayMs: this.#shares ? delayOf(this.#held) : (this.#process?.eventLoopDelayMs ?? null),
      logLines: this.#logLines,
      logBytes: this.#logBytes,
      dropped: this.#dropped,
      calls: this.#calls,
      errors: this.#errors,
      crashes: this.#crashes,
      restarts: Math.max(0, this.#starts - 1),
    };
  }

  #follow(answer: Promise<unknown>, isWork: boolean): void {
    answer.then(
      () => {
        if (isWork) this.#proved?.();
      },
      // Whoever called hears of it; here it is only counted.
      () => {
        this.#errors += 1;
      },
    );
  }

  #note(ms: number): void {
    this.#loopMs += ms;
    this.#held ??= createHistogram({ lowest: 1, highest: longestUs, figures: 2 });
    this.#held.record(Math.min(longestUs, Math.max(1, Math.round(ms * microsecondsPerMs))));
  }
}

/** The bytes of a line, with its fields as they are written. */
export function bytesOf(message: string, fields: Readonly<Record<string, unknown>> | undefined): number {
  return Buffer.byteLength(message) + Buffer.byteLength(written(fields));
}

function written(fields: Readonly<Record<string, unknown>> | undefined): string {
  try {
    return fields === undefined ? '' : JSON.stringify(fields);
  } catch {
    return ''; // what cannot be written as JSON is not written as JSON either
  }
}

function delayOf(held: RecordableHistogram | undefined): LoopDelay | null {
  if (held === undefined || held.count === 0) return null;
  const ms = (us: number): number => us / microsecondsPerMs;
  return { p50: ms(held.percentile(50)), p99: ms(held.percentile(99)), max: ms(held.max) };
}

function sum(one: number | null, other: number | null): number | null {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}
