import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line of the runtime's log, read. */
export interface LogLine {
  /** Where it begins in the file, as digits that sort. */
  readonly place: string;
  readonly time: string;
  readonly level: LogLevel;
  readonly logger: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export interface LogWish {
  readonly level?: LogLevel | undefined;
  readonly logger?: string | undefined;
  readonly text?: string | undefined;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const chunkBytes = 64 * 1024;
/** One answer looks through so much of the file; where it finds less than was asked, the next one goes on from there. */
const mostLooked = 8 * 1024 * 1024;
/** A line that is longer is told by its beginning. */
const longestLine = 64 * 1024;
const newsBytes = 256 * 1024;
/** Lines of a flood are counted over so much of the file. */
const mostCounted = 32 * 1024 * 1024;

interface Raw {
  readonly offset: number;
  readonly text: string;
}

export interface ReadBack {
  readonly path: string;
  /** Only lines that begin before this byte; left out, from the end. */
  readonly before: number | undefined;
  /** Only lines that begin behind this byte. */
  readonly after: number | undefined;
  /** Only lines that were written at this time or later, and no later than that one; milliseconds of the epoch. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly limit: number;
  readonly wish: LogWish;
  /** Takes out what is secret by now. */
  readonly scrub: (text: string) => string;
}

/** Lines of the log from a place backwards, newest first, and where the page behind begins; null: there is none. */
export async function readLogBack(asked: ReadBack): Promise<{ lines: LogLine[]; next: string | null }> {
  const { path, limit, wish, scrub, since, until } = asked;
  await using file = await openLog(path);
  if (file === undefined) return { lines: [], next: null };
  const { size } = await file.handle.stat();
  const from = since === undefined ? 0 : await byteOfTime(file.handle, size, since);
  const to = until === undefined ? size : await byteOfTime(file.handle, size, until + 1);
  const after = Math.max(asked.after ?? -1, from - 1);
  const end = Math.min(asked.before ?? size, to);
  const lines: LogLine[] = [];
  let reached = end;
  for await (const raw of linesBack(file.handle, end)) {
    if (raw.offset <= after) return { lines, next: null };
    const line = lineOf(raw, scrub);
    reached = raw.offset;
    if (line !== undefined && fits(line, wish)) lines.push(line);
    if (lines.length === limit || end - reached > mostLooked) break;
  }
  return { lines, next: reached === 0 ? null : placeOf(reached) };
}

/** What was written behind a byte, oldest first; without one, nothing yet, and where the news begin. */
export async function readLogNews(
  path: string,
  after: number | undefined,
  scrub: (text: string) => string,
): Promise<{ lines: LogLine[]; droppedBytes: number; droppedLines: number | null; place: number }> {
  await using file = await openLog(path);
  if (file === undefined) return { lines: [], droppedBytes: 0, droppedLines: 0, place: 0 };
  const { size } = await file.handle.stat();
  // A file that became shorter is another one: its beginning is news.
  const known = after !== undefined && after > size ? 0 : after;
  if (known === undefined || known === size)
    return { lines: [], droppedBytes: 0, droppedLines: 0, place: size };
  const from = Math.max(known, size - newsBytes);
  const text = await readAt(file.handle, from, size - from);
  // In the middle of a line unless it was known: the first one whole begins behind a line's end.
  const skipped = from === known ? 0 : text.indexOf(10) + 1;
  const whole = text.lastIndexOf(10) + 1;
  const lines: LogLine[] = [];
  let at = skipped;
  while (at < whole) {
    const close = text.indexOf(10, at);
    const line = lineOf({ offset: from + at, text: text.toString('utf8', at, close) }, scrub);
    if (line !== undefined) lines.push(line);
    at = close + 1;
  }
  return {
    lines,
    droppedBytes: from + skipped - known,
    droppedLines: await linesBetween(file.handle, known, from + skipped),
    place: from + Math.max(whole, skipped),
  };
}

/** How many lines end between two bytes; null for more than may be read to count them. */
async function linesBetween(file: FileHandle, from: number, to: number): Promise<number | null> {
  if (to - from > mostCounted) return null;
  let lines = 0;
  for (let at = from; at < to; at += newsBytes) {
    const bytes = await readAt(file, at, Math.min(newsBytes, to - at));
    for (let ends = bytes.indexOf(10); ends >= 0; ends = bytes.indexOf(10, ends + 1)) lines += 1;
  }
  return lines;
}

/**
 * Where the first line begins that was written at a time or later, found by halving: lines are written in the order of
 * time. What has no time goes with the line behind it.
 */
async function byteOfTime(file: FileHandle, size: number, time: number): Promise<number> {
  let low = 0;
  let high = size;
  while (high - low > chunkBytes) {
    const middle = Math.floor((low + high) / 2);
    const timed = await firstTimed(file, middle, high);
    if (timed === undefined || timed.time >= time) high = middle;
    else low = timed.ends;
  }
  for (let at = low; at < size; ) {
    const timed = await firstTimed(file, at, size);
    if (timed === undefined) return size;
    if (timed.time >= time) return timed.begins;
    at = timed.ends;
  }
  return size;
}

/** The first line with a time that begins at a byte or behind it; at the first byte of a line it is that one. */
async function firstTimed(
  file: FileHandle,
  from: number,
  to: number,
): Promise<{ readonly time: number; readonly begins: number; readonly ends: number } | undefined> {
  // One byte before: whether a line begins exactly here is told by the end of the one before it.
  let begins = from === 0 ? 0 : undefined;
  let head: Buffer = Buffer.alloc(0);
  for (let at = Math.max(0, from - 1); at < to; at += chunkBytes) {
    const bytes = await readAt(file, at, chunkBytes);
    let cut = 0;
    for (let ends = bytes.indexOf(10); ends >= 0; ends = bytes.indexOf(10, ends + 1)) {
      if (begins !== undefined) {
        const time = timeOf(Buffer.concat([head, bytes.subarray(cut, ends)]).toString('utf8'));
        if (time !== undefined) return { time, begins, ends: at + ends + 1 };
      }
      begins = at + ends + 1;
      head = Buffer.alloc(0);
      cut = ends + 1;
      if (begins >= to) return undefined;
    }
    head = begins === undefined ? head : Buffer.concat([head, bytes.subarray(cut)]);
    if (bytes.length < chunkBytes) return undefined;
  }
  return undefined;
}

function timeOf(text: string): number | undefined {
  const time = jsonOf(text)?.['time'];
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** The byte that a place names; undefined for what no answer ever named. */
export function byteOf(place: string | undefined): number | undefined {
  return place !== undefined && /^\d{1,15}$/.test(place) ? Number(place) : undefined;
}

function placeOf(offset: number): string {
  return String(offset).padStart(15, '0');
}

interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
}

async function openLog(path: string): Promise<OpenFile | undefined> {
  try {
    const handle = await open(path, 'r');
    return { handle, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole lines from a place backwards. What stands behind the last end of a line is still being written, and left out. */
async function* linesBack(file: FileHandle, end: number): AsyncGenerator<Raw> {
  let rest: Buffer = Buffer.alloc(0);
  let isUnfinished = true;
  let from = end;
  while (from > 0) {
    const size = Math.min(chunkBytes, from);
    from -= size;
    const bytes = Buffer.concat([await readAt(file, from, size), rest]);
    let close = bytes.length;
    for (let ends = lastEnd(bytes, close); ends >= 0; ends = lastEnd(bytes, close)) {
      if (!isUnfinished) yield rawOf(bytes, ends + 1, close, from);
      isUnfinished = false;
      close = ends;
    }
    rest = bytes.subarray(0, close);
    // A line without an end is none of a log.
    if (rest.length > mostLooked) return;
  }
  if (!isUnfinished) yield rawOf(rest, 0, rest.length, 0);
}

/** The last end of a line before this byte; -1: there is none. */
function lastEnd(bytes: Buffer, before: number): number {
  return before === 0 ? -1 : bytes.lastIndexOf(10, before - 1);
}

function rawOf(bytes: Buffer, from: number, to: number, begins: number): Raw {
  return { offset: begins + from, text: bytes.toString('utf8', from, Math.min(to, from + longestLine)) };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function lineOf({ offset, text }: Raw, scrub: (text: string) => string): LogLine | undefined {
  if (text.trim() === '') return undefined;
  const place = placeOf(offset);
  const told = scrub(text);
  const parsed = jsonOf(told);
  if (parsed === undefined)
    return {
      place,
      time: new Date(0).toISOString(),
      level: 'info',
      logger: 'kora',
      message: told,
      fields: {},
    };
  const { level, time, pid: _pid, msg, plugin, ...fields } = parsed;
  const said = typeof msg === 'string' ? msg : '';
  // An error that nobody took is logged under the room where it came up, with its message beside it.
  const ofRoom = typeof fields['error'] === 'string' && typeof plugin !== 'string';
  return {
    place,
    time: typeof time === 'string' ? time : new Date(0).toISOString(),
    level: levelOf(level),
    logger: typeof plugin === 'string' ? plugin : ofRoom ? said : 'kora',
    message: ofRoom ? String(fields['error']) : said,
    fields,
  };
}

function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // a line that was cut short, or that something else wrote
  }
}

/** Pino's numbers: 10 and 20 are for debugging, 30 for information. */
function levelOf(level: unknown): LogLevel {
  if (typeof level !== 'number') return 'info';
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

function fits(line: LogLine, { level, logger, text }: LogWish): boolean {
  if (level !== undefined && levels.indexOf(line.level) < levels.indexOf(level)) return false;
  if (logger !== undefined && line.logger !== logger) return false;
  if (text === undefined) return true;
  const wanted = text.toLowerCase();
  return (
    line.message.toLowerCase().includes(wanted) || JSON.stringify(line.fields).toLowerCase().includes(wanted)
  );
}
