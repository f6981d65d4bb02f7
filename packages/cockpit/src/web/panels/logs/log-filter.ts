import type { LogEntry, LogLine } from './ring.ts';

export const logFilterKeys = [
  'q',
  're',
  'level',
  'logger',
  'field',
  'col',
  'wrap',
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

/** Which part of the log a filter asks for; null: its live end. */
export function rangePath({ before, line }: Pick<LogFilter, 'before' | 'line'>): string | null {
  if (/^\d{1,15}$/.test(line)) return `/api/logs?limit=1000&before=${Number(line) + behind}`;
  return /^\d{1,15}$/.test(before) ? `/api/logs?limit=1000&before=${before}` : null;
}

/** The lines as a file: one JSON object on each, oldest first. */
export function downloadText(entries: readonly LogEntry[]): string {
  return entries
    .map(({ line }) => `${JSON.stringify(line)}\n`)
    .toReversed()
    .join('');
}
