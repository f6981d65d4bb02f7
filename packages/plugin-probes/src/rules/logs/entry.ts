import type { LogLine } from '../../scene/contract.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'none';

/** What was said at once: a line with those that continue it. */
export interface Entry {
  readonly line: number;
  readonly at: number | null;
  readonly level: Level;
  /** Without its time, the lines joined by a blank. */
  readonly text: string;
  /** The lines joined by nothing, since a word may have been broken; null for a single line. */
  readonly tight: string | null;
}

const mostLines = 40;
const mostCharacters = 8_000;

/** `2026-11-21T10:02:11.123Z `, in brackets or quotes or after `time=`; `Nov 21 10:02:11 `; `10:02:11,123 `. */
const timePrefix =
  /^[\s[("{]{0,4}(?:"?(?:time|timestamp|ts)"?[=:]\s?"?)?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?)[\])",]{0,3}\s?|^[A-Z][a-z]{2}\s{1,2}\d{1,2} \d\d:\d\d:\d\d\s?|^\[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]?\s/;
const levelWord =
  /(?:level|lvl|severity)["']?\s?[=:]\s?["']?(\w+)|\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERR|ERROR|FATAL|PANIC|CRIT|CRITICAL|SEVERE|ALERT|EMERG)\b|\[(trace|debug|info|notice|warn|warning|err|error|fatal|panic|crit|critical|alert|emerg)\]|^\W{0,3}(trace|debug|info|notice|warn|warning|err|error|fatal|panic|crit|critical)\b\s?[:\]|-]|^([EWIF])\d{4}\s/;
const levels: Readonly<Record<string, Level>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  i: 'info',
  warn: 'warn',
  warning: 'warn',
  w: 'warn',
  err: 'error',
  error: 'error',
  e: 'error',
  f: 'error',
  fatal: 'error',
  panic: 'error',
  crit: 'error',
  critical: 'error',
  severe: 'error',
  alert: 'error',
  emerg: 'error',
  // How pino and bunyan count.
  '10': 'debug',
  '20': 'debug',
  '30': 'info',
  '40': 'warn',
  '50': 'error',
  '60': 'error',
};

interface Draft {
  readonly line: number;
  readonly at: number | null;
  readonly level: Level;
  readonly parts: string[];
  length: number;
}

/** Joins what was wrapped, and tells time and level of each entry. Linear in the text. */
export function entriesOf(lines: readonly LogLine[]): readonly Entry[] {
  const reader = new EntryReader();
  const entries = lines.map((line) => reader.take(line));
  return [...entries, reader.end()].filter((entry) => entry !== null);
}

/** Reads a log line by line: what a line ends is answered when the next one begins. */
export class EntryReader {
  #draft: Draft | null = null;
  #timed = false;

  /** The entry before this line, when the line does not continue it. */
  take({ line, at: given, text }: LogLine): Entry | null {
    if (text.trim() === '') return null;
    const prefix = timePrefix.exec(text.length > 200 ? text.slice(0, 200) : text);
    const body = prefix === null ? text : text.slice(prefix[0].length);
    const at = given ?? timeIn(prefix?.[1]);
    const level = levelOf(body);
    const draft = this.#draft;
    const bare = prefix === null;
    if (draft !== null && continues({ draft, body, at, level, timed: this.#timed, bare })) {
      if (draft.parts.length < mostLines && draft.length < mostCharacters) {
        draft.parts.push(body.trim());
        draft.length += body.length;
      }
      return null;
    }
    this.#timed ||= at !== null;
    this.#draft = { line, at, level, parts: [body.trim()], length: body.length };
    return draft === null ? null : finished(draft);
  }

  /** The last entry; null of a log that says nothing. */
  end(): Entry | null {
    return this.#draft === null ? null : finished(this.#draft);
  }
}

interface Following {
  readonly draft: Draft;
  readonly body: string;
  readonly at: number | null;
  readonly level: Level;
  /** Whether lines of this log say when they were written. */
  readonly timed: boolean;
  /** Whether the line has no time of its own in its text. */
  readonly bare: boolean;
}

function continues({ draft, body, at, level, timed, bare }: Following): boolean {
  if (level !== 'none') return false;
  if (/^(?:\s{2,}|\t)/.test(body) || /^\s*(?:Caused by:|\.\.\. \d+ more|at \S+ ?\()/.test(body)) return true;
  if (timed && at === null) return true;
  const unfinished = /[,:;\\(\-/]$|\b(?:and|of|the|to|for|by|with|in|insufficient)$/i.test(
    draft.parts.at(-1) ?? '',
  );
  if (unfinished && (bare || at === draft.at)) return true;
  // One message in several records of one instant: the first has the level, the rest begin in the middle.
  return !bare && at !== null && at === draft.at && draft.level !== 'none' && /^[a-z]/.test(body);
}

function finished({ line, at, level, parts }: Draft): Entry {
  const text = parts.join(' ').slice(0, mostCharacters);
  return {
    line,
    at,
    level,
    text,
    tight: parts.length === 1 ? null : parts.join('').slice(0, mostCharacters),
  };
}

function levelOf(body: string): Level {
  const found = levelWord.exec(body.length > 160 ? body.slice(0, 160) : body);
  if (found === null) return 'none';
  const word = (found[1] ?? found[2] ?? found[3] ?? found[4] ?? found[5] ?? '').toLowerCase();
  return Object.hasOwn(levels, word) ? (levels[word] ?? 'none') : 'none';
}

function timeIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  const iso = text
    .replace(' ', 'T')
    .replace(',', '.')
    .replace(/\s?UTC$/, 'Z');
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(at) ? null : at;
}
