import { Cron } from 'croner';
import { fault, messageOf } from '../../fault/index.ts';
import type { Cadence } from './contract.ts';

const shortestMs = 100;
/** A hundred years: what is due beyond the last date could never be written down. */
const longestMs = 3_155_760_000_000;

/** The first instant after `after` (milliseconds since 1970) at which the cadence is due; undefined when never again. */
export function nextDue(cadence: Cadence, last: number | undefined, after: number): number | undefined {
  if ('everyMs' in cadence) return nextEvery(cadence.everyMs, last, after);
  if ('at' in cadence) {
    const at = Date.parse(cadence.at);
    return last === undefined || last < at ? at : undefined;
  }
  return cronOf(cadence).nextRun(new Date(after))?.getTime();
}

/** Stays on the grid of the first run, so that a slow run delays nothing but itself. */
function nextEvery(everyMs: number, last: number | undefined, after: number): number {
  if (last === undefined) return after;
  // A last run in the future means that the clock was set back: its grid is no longer ours.
  if (last > after) return after + everyMs;
  const missed = Math.floor((after - last) / everyMs);
  return last + (missed + 1) * everyMs;
}

/** Throws KORA_TASK_CADENCE with what is wrong. */
export function checkCadence(task: string, cadence: Cadence): void {
  if ('everyMs' in cadence) {
    const { everyMs } = cadence;
    if (everyMs >= shortestMs && everyMs <= longestMs) return;
    const bound = everyMs > longestMs && everyMs < Infinity ? `most ${longestMs}` : `least ${shortestMs}`;
    throw fault('KORA_TASK_CADENCE', `task ${task}: everyMs must be at ${bound}, not ${everyMs}`);
  }
  if ('at' in cadence) {
    if (!Number.isNaN(Date.parse(cadence.at))) return;
    throw fault('KORA_TASK_CADENCE', `task ${task}: "${cadence.at}" is not a time (ISO 8601)`);
  }
  if (cadence.zone !== undefined && !isZone(cadence.zone)) {
    const fix = 'name it as the tz database does, such as Europe/Berlin';
    throw fault('KORA_TASK_CADENCE', `task ${task}: there is no time zone "${cadence.zone}"`, { fix });
  }
  try {
    cronOf(cadence);
  } catch (cause) {
    throw fault(
      'KORA_TASK_CADENCE',
      `task ${task}: "${cadence.cron}" is not a schedule: ${messageOf(cause).replace(/^Cron\w+: /, '')}`,
      { cause, fix: 'minute, hour, day, month, weekday: 0 3 * * * is at three each night' },
    );
  }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // a RangeError, whose words are about the runtime
  }
}

/** `every 10 s`, `cron 0 3 * * * Europe/Berlin`, `at 2026-01-01T00:00:00Z`. */
export function describeCadence(cadence: Cadence): string {
  if ('everyMs' in cadence) return `every ${describeMs(cadence.everyMs)}`;
  if ('at' in cadence) return `at ${cadence.at}`;
  return `cron ${cadence.cron} ${cadence.zone ?? 'UTC'}`;
}

function describeMs(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const [size, unit] = units.find(([each]) => ms % each === 0) ?? [1, 'ms'];
  return `${ms / size} ${unit}`;
}

interface CronLine {
  readonly cron: string;
  readonly zone?: string;
}

/** Reading a line costs more than an answer from one that was read, and thousands of tasks share a few lines. */
const linesRead = new Map<string, Cron>();
const mostLines = 1_000;

/** Throws what the library says of a line, or of a zone, that it cannot read. */
function cronOf({ cron, zone = 'UTC' }: CronLine): Cron {
  const text = `${cron} ${zone}`;
  const known = linesRead.get(text);
  if (known !== undefined) return known;
  const read = new Cron(cron, { timezone: zone, paused: true });
  // The library looks at the zone only when it is asked for a time.
  read.nextRun();
  if (linesRead.size >= mostLines) linesRead.clear();
  linesRead.set(text, read);
  return read;
}
