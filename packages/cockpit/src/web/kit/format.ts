/** What a value reads as that nobody knows. Never 0. */
export const unknown = 'unknown';

const grouped = new Intl.NumberFormat('en-US');

/** 48,213; null is unknown. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? unknown : grouped.format(value);
}

/** `1 ticket`, `2 tickets`, `unknown`. */
export function counted(value: number | null | undefined, one: string, many: string = `${one}s`): string {
  if (value === null || value === undefined) return unknown;
  return `${grouped.format(value)} ${value === 1 ? one : many}`;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `999 ms`, `3.1 s`, `42 s`, `12 min`, `2 h 14 min`, `3 d 4 h`; null is unknown. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return unknown;
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 10 && ms % 1 !== 0) return `${ms.toFixed(1)} ms`;
  // Each step is chosen by what would be printed, so that 999.6 ms is 1.0 s and never 1000 ms.
  if (Math.round(ms) < secondMs) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 100) return `${(ms / secondMs).toFixed(1)} s`;
  return span(ms);
}

/** How far two clocks are apart: `+3.1 s`, `−40 ms`, `in step` below what a heartbeat tells. */
export function signed(ms: number): string {
  if (Math.abs(ms) < secondMs) return 'in step';
  return ms < 0 ? duration(ms) : `+${duration(ms)}`;
}

/** A period that somebody chose: `5 s`, `250 ms`, `1.5 s`. */
export function period(ms: number): string {
  return ms >= secondMs && ms % secondMs === 0 ? span(ms) : duration(ms);
}

/** Whole units, as an age reads: `0 s`, `42 s`, `12 min`, `2 h 14 min`. */
export function span(ms: number): string {
  const seconds = Math.floor(ms / secondMs);
  if (seconds < 60) return `${seconds} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return pair(ms, [hourMs, 'h'], [minuteMs, 'min']);
  return pair(ms, [dayMs, 'd'], [hourMs, 'h']);
}

/** `3 s ago`, `in 12 s`, `now`; null is unknown. */
export function ago(iso: string | null | undefined, serverNow: number): string {
  const at = instant(iso);
  if (at === null) return unknown;
  const age = serverNow - at;
  if (Math.abs(age) < secondMs) return 'now';
  return age > 0 ? `${span(age)} ago` : `in ${span(-age)}`;
}

/** How long ago, without the word: `3 s`; a future time reads `0 s`. */
export function age(iso: string | null | undefined, serverNow: number): string {
  const at = instant(iso);
  return at === null ? unknown : span(Math.max(0, serverNow - at));
}

/** The zones in which times are shown. */
export type ZoneName = 'local' | 'utc';

/** In which zone every time of the page is shown from now on; whoever sets it has the page drawn again. */
export function setZone(name: ZoneName): void {
  zone = name;
}

/** The zone in which times are shown now. */
export function zoneName(): ZoneName {
  return zone;
}

/** `12:04:11` in the reader's zone. */
export function clock(iso: string | null | undefined): string {
  const at = instant(iso);
  return at === null ? unknown : formats[zone].clock.format(at);
}

/** `2026-11-21 12:04:11 GMT+1`: the whole truth, for titles. */
export function absolute(iso: string | null | undefined): string {
  const at = instant(iso);
  if (at === null) return unknown;
  const { absolute: format, told } = formats[zone];
  const known = told.get(at);
  if (known !== undefined) return known;
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const day = `${get('year')}-${get('month')}-${get('day')}`;
  const text = `${day} ${get('hour')}:${get('minute')}:${get('second')} ${get('timeZoneName')}`;
  if (told.size >= mostTold) told.clear();
  told.set(at, text);
  return text;
}

/** A mark on an axis, milliseconds since 1970, by the seconds from one to the next: `11-21`, `12:04`, `12:04:11`. */
export function tick(at: number, stepSeconds: number, where: ZoneName): string {
  const parts = new Map(formats[where].absolute.formatToParts(at).map(({ type, value }) => [type, value]));
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  if (stepSeconds >= dayMs / secondMs) return `${get('month')}-${get('day')}`;
  const time = `${get('hour')}:${get('minute')}`;
  return stepSeconds >= 60 ? time : `${time}:${get('second')}`;
}

let zone: ZoneName = 'local';
const formats = { local: formatsIn(undefined), utc: formatsIn('UTC') } as const;

/** Every age that moves has its whole time beside it, which does not: told once, it is kept. */
const mostTold = 500;

interface Formats {
  readonly clock: Intl.DateTimeFormat;
  readonly absolute: Intl.DateTimeFormat;
  /** What `absolute` reads, by its instant. */
  readonly told: Map<number, string>;
}

function formatsIn(timeZone: string | undefined): Formats {
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone } as const;
  const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  return {
    clock: new Intl.DateTimeFormat('en-GB', time),
    absolute: new Intl.DateTimeFormat('en-GB', { ...date, ...time, timeZoneName: 'short' }),
    told: new Map(),
  };
}

function instant(iso: string | null | undefined): number | null {
  if (iso === null || iso === undefined) return null;
  const at = Date.parse(iso);
  return Number.isNaN(at) ? null : at;
}

type Unit = readonly [ms: number, name: string];

function pair(ms: number, [bigMs, bigName]: Unit, [smallMs, smallName]: Unit): string {
  const rest = Math.floor((ms % bigMs) / smallMs);
  const head = `${Math.floor(ms / bigMs)} ${bigName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
