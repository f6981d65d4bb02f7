import type { Severity } from './contract.ts';

/** Hours of the operator's day in which nothing rings that can wait. */
export interface QuietHours {
  /** `22:00`, `07:00`: by the clock of the zone; `from` after `to` is a night. */
  readonly from: string;
  readonly to: string;
  /** `Europe/Zurich`. */
  readonly zone: string;
  /** What waits besides information. What is critical never does. */
  readonly warnings: 'tell' | 'wait';
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether quiet hours go on at an instant, in milliseconds since 1970. Throws RangeError for a zone that is none. */
export function isQuiet({ from, to, zone }: QuietHours, now: number): boolean {
  const at = minuteOf(clockIn(zone).format(now));
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  return begin <= end ? at >= begin && at < end : at >= begin || at < end;
}

/** The severities that may be told now. */
export function toldNow(quiet: QuietHours | undefined, now: number): readonly Severity[] {
  if (quiet === undefined || !isQuiet(quiet, now)) return ['critical', 'warning', 'info'];
  return quiet.warnings === 'tell' ? ['critical', 'warning'] : ['critical'];
}

function clockIn(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const options = { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const made = new Intl.DateTimeFormat('en-GB', options);
  clocks.set(zone, made);
  return made;
}

function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
