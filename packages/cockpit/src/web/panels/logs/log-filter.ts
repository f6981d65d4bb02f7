import type { ZoneName } from '../../kit/format.ts';
import type { LogEntry, LogLine } from './ring.ts';

export const logFilterKeys = [
  'q',
  're',
  'level',
  'logger',
  'field',
  'col',
  'wrap',
  'from',
  'to',
  'before',
  'line',
] as const;
export type LogFilter = Readonly<Record<(typeof logFilterKeys)[number], string>>;

export const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Of a line that is longer only so much is searched: a pattern over a megabyte would stop the page. */
const searched = 4_000;

/** What a filter asks of a line, made once for all of them; `problem` where its pattern is none. */
export interface LogTest {
  readonly fits: (line: LogLine) => boolean;
  readonly problem: string | null;
}

export function testOf({ q, re, level, logger, field }: LogFilter): LogTest {
  const from = levels.findIndex((each) => each === level);
  const [name = '', ...rest] = field.split(':');
  const value = rest.join(':');
  const text = textTest(q, re !== '');
  return {
    problem: text.problem,
    fits: (line) =>
      (from < 0 || levels.indexOf(line.level) >= from) &&
      (logger === '' || line.logger === logger) &&
      (field === '' || fieldText(line, name) === value) &&
      text.fits(line),
  };
}

function textTest(q: string, isPattern: boolean): LogTest {
  if (q === '') return { fits: () => true, problem: null };
  if (!isPattern) {
    const wanted = q.toLowerCase();
    return { fits: (line) => searchedText(line).toLowerCase().includes(wanted), problem: null };
  }
  try {
    const pattern = new RegExp(q, 'iu');
    return { fits: (line) => pattern.test(searchedText(line)), problem: null };
  } catch (error) {
    return { fits: () => true, problem: error instanceof Error ? error.message : String(error) };
  }
}

function searchedText({ message, logger, fields }: LogLine): string {
  return `${logger} ${message} ${JSON.stringify(fields)}`.slice(0, searched);
}

/** A field's value as text; null where the line has none. */
export function fieldText({ fields }: LogLine, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Fields by which lines of different rooms belong together, and where each leads. */
const correlations: Readonly<Record<string, ((value: string) => string) | null>> = {
  ticket: (value) => `/tickets/${value}`,
  ticketId: (value) => `/tickets/${value}`,
  wake: (value) => `/wakes/${encodeURIComponent(value)}`,
  wakeId: (value) => `/wakes/${encodeURIComponent(value)}`,
  incidentId: (value) => `/incidents/${value}`,
  probe: (value) => `/probes/${encodeURIComponent(value)}`,
  runId: (value) => `/reasoning/${encodeURIComponent(value)}`,
  correlationId: null,
  session: null,
  sessionId: null,
  plugin: null,
  task: null,
  daemon: null,
};

export interface Correlation {
  readonly name: string;
  readonly value: string;
  /** Where the thing itself is shown; null where it has no page. */
  readonly href: string | null;
}

/** What a line belongs to. */
export function correlationsOf(line: LogLine): readonly Correlation[] {
  return Object.entries(correlations).flatMap(([name, href]) => {
    const value = fieldText(line, name);
    // A long one is no name of anything.
    return value === null || value.length > 80 ? [] : [{ name, value, href: href?.(value) ?? null }];
  });
}

/** The names of fields that occur, most frequent first: what a column can be made of. */
export function fieldNames(entries: readonly LogEntry[], most = 30): readonly string[] {
  const counts = new Map<string, number>();
  for (const { line } of entries)
    for (const name of Object.keys(line.fields)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
    .slice(0, most)
    .map(([name]) => name);
}

/** The bytes behind a line that are read with it: longer lines are cut by the runtime. */
const behind = 65_536;

type Range = Pick<LogFilter, 'from' | 'to' | 'before' | 'line'>;

/** Which part of the log a filter asks for, or the page of it before a place; null: its live end. */
export function rangePath({ from, to, before, line }: Range, next: string | null = null): string | null {
  const query = new URLSearchParams({ limit: '1000' });
  const [since, until] = [timeOf(from), timeOf(to)];
  if (since !== null) query.set('since', since);
  if (until !== null) query.set('until', until);
  const end = next ?? (isPlace(line) ? String(Number(line) + behind) : isPlace(before) ? before : null);
  if (end !== null) query.set('before', end);
  else if (since === null && until === null) return null;
  return `/api/logs?${query.toString()}`;
}

function isPlace(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

/** A time of the address as the API takes it; null for none, or what is none. */
function timeOf(text: string): string | null {
  const at = text === '' ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** The fields that have a column, in their order. */
export function columnsOf(col: string): readonly string[] {
  return col === '' ? [] : [...new Set(col.split(','))];
}

/** A time as an input of time and date has it, in the zone in which the page shows times; empty for none. */
export function inputTime(iso: string, zone: ZoneName): string {
  const at = timeOf(iso);
  if (at === null) return '';
  if (zone === 'utc') return at.slice(0, 19);
  const local = new Date(at);
  // The same figures, as if they were said of UTC.
  return new Date(local.getTime() - local.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The time that an input of time and date says; empty for none. */
export function timeOfInput(text: string, zone: ZoneName): string {
  return timeOf(zone === 'utc' && text !== '' ? `${text}Z` : text) ?? '';
}

/** Whether lines are left out by what was asked for, beside the range. */
export function isNarrowed({ q, level, logger, field }: LogFilter): boolean {
  return [q, level, logger, field].some((each) => each !== '');
}

/** The lines as a file: one JSON object on each, oldest first. */
export function downloadText(lines: readonly LogLine[]): string {
  return lines
    .map((line) => `${JSON.stringify(line)}\n`)
    .toReversed()
    .join('');
}
