const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const roundUpMs = 900;

/** What a null reads as: not known is never zero. */
export const unknown = 'unknown';

/** `0.4 ms`, `412 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return unknown;
  // A look at this very machine takes less than one, and that is not none.
  if (ms > 0 && ms < 1) return `${Math.max(0.1, Math.round(ms * 10) / 10)} ms`;
  if (ms < second) return `${Math.round(ms)} ms`;
  if (ms < 10 * second) return `${trim(ms / second)} s`;
  if (ms < minute) return `${Math.round(ms / second)} s`;
  if (ms < hour) return pair(ms, [minute, 'min'], [second, 's']);
  if (ms < day) return pair(ms, [hour, 'h'], [minute, 'min']);
  return pair(ms, [day, 'd'], [hour, 'h']);
}

/** `now`, `3 s ago`, `2 h ago`, `in 12 s`; null and what is no date read `unknown`. */
export function ago(iso: string | null, now: number): string {
  const at = iso === null ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(at)) return unknown;
  const distance = now - at;
  // What was just set to end in an hour must not read 59 minutes.
  const words = coarse(distance >= 0 ? distance : roundUpMs - distance);
  if (words === undefined) return 'now';
  return distance >= 0 ? `${words} ago` : `in ${words}`;
}

/** The operator's own wall clock, `14:03:22`, for lines that scroll by. */
export function clock(iso: string | number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return unknown;
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** The clock alone for what is of today, else with its day: `2026-11-21 14:03:22`. */
export function clockOrDay(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime()) || at.toDateString() === new Date(now).toDateString()) return clock(iso);
  const day = [at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${at.getFullYear()}-${day.join('-')} ${clock(iso)}`;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, min: minute, h: hour, d: day };

/** `90s`, `1h`, `1h30m`, `2d` in milliseconds; undefined when it does not parse or is nothing. */
export function parseSpan(text: string): number | undefined {
  const compact = text.replaceAll(' ', '').toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|s|min|m|h|d))+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h|d)/g)) {
    total += Number(amount) * (units[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(total) && total > 0 ? Math.round(total) : undefined;
}

function coarse(ms: number): string | undefined {
  if (ms < second) return undefined;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

function pair(ms: number, [size, name]: [number, string], [smaller, small]: [number, string]): string {
  const whole = Math.floor(ms / size);
  const rest = Math.floor((ms % size) / smaller);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${small}`;
}

function trim(value: number): string {
  return (Math.floor(value * 10) / 10).toString();
}
