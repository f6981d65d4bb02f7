import type { Readable } from 'node:stream';
import type { Clock } from '../../clock/index.ts';
import type { PluginLog } from '../contract.ts';
import { bytesOf } from '../usage.ts';
import type { Meter } from '../usage.ts';
import { Pace, readPaced } from './pace.ts';

const linesPerSecond = 50;
const bytesPerSecond = 1024 * 1024;
const longestLine = 2_000;

/** A plugin's lines in the log of the house: bounded in number and length, with a count of what was dropped. */
export class BoundedLog {
  readonly #log: PluginLog;
  readonly #meter: Pick<Meter, 'wrote'>;
  readonly #pace: Pace;
  #dropped = 0;

  constructor(log: PluginLog, clock: Clock, meter: Pick<Meter, 'wrote'>) {
    this.#log = log;
    this.#meter = meter;
    this.#pace = new Pace(clock, linesPerSecond);
  }

  write(level: keyof PluginLog, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!this.#pace.take(1)) {
      this.#dropped += 1;
      this.#meter.wrote('dropped');
      return;
    }
    this.tellDropped();
    const known = JSON.stringify(fields).length <= longestLine ? fields : { fields: 'too large' };
    const line = message.slice(0, longestLine);
    this.#meter.wrote(bytesOf(line, known));
    this.#log[level](line, known);
  }

  /** Says how many lines are missing, once. */
  tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#log.warn(`${this.#dropped} lines of the plugin were dropped: it wrote too many`, {
      dropped: this.#dropped,
    });
    this.#dropped = 0;
  }
}

interface CaptureOptions {
  readonly log: PluginLog;
  readonly clock: Clock;
  readonly meter: Pick<Meter, 'wrote'>;
  readonly signal: AbortSignal;
}

/** Takes what a guest prints into the log, line by line, under the name of its stream; each has its own bounds. */
export function captureOutput(
  streams: Readonly<Record<'stdout' | 'stderr', Readable | null>>,
  { log, clock, meter, signal }: CaptureOptions,
): void {
  for (const [stream, readable] of Object.entries(streams)) {
    if (readable === null) continue;
    const level = stream === 'stderr' ? 'warn' : 'info';
    const bounded = new BoundedLog(log, clock, meter);
    let rest = '';
    const take = (chunk: string): number => {
      const lines = (rest + chunk).split('\n');
      rest = (lines.pop() ?? '').slice(-longestLine);
      for (const line of lines) if (line.trim() !== '') bounded.write(level, line, { stream });
      return chunk.length;
    };
    readPaced(readable, { clock, pace: new Pace(clock, bytesPerSecond), signal, take });
    readable.on('end', () => {
      if (rest.trim() !== '') bounded.write(level, rest, { stream });
      bounded.tellDropped();
    });
    readable.on('error', () => undefined); // 'close' of the process follows, and says all that matters here
  }
}
