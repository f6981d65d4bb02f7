import { open, stat } from 'node:fs/promises';
import type { LogLine, LogQuery, LogSource, Missing } from './contract.ts';
import { lineTime } from './line-time.ts';

/** The end of a file that is read: a day of a busy service, and not the memory of this process. */
const longest = 32 * 1_048_576;
const linesOfATurn = 5_000;
/**
 * What stands behind such a word and is long enough to be one; what says that there is none is no secret. It looks no
 * farther than the value itself: a line is as long as whoever writes the log likes.
 */
const secret =
  /((?:password|passwd|secret|token|api[-_]?key|authorization)["']?\s?[=:]\s?["']?(?:bearer\s|basic\s)?)(?![^\s"',;]{0,40}(?:required|missing|undefined|invalid|expired|empty|unset))[^\s"',;]{6,}/gi;

export type OpenLog = { readonly log: LogSource } | { readonly missing: Missing };

/** Which log it is, and the instant from which it is read. */
export interface LogAbout {
  readonly id: string;
  readonly entity: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The end of a log file, read once and kept as long as the source is. A file that cannot be read is told, not thrown.
 * Lines are counted from the first that is read: of a file that is read whole, as editors count them.
 */
export async function fileLog(
  path: string,
  { id, entity, now }: LogAbout,
  mostBytes = longest,
): Promise<OpenLog> {
  const unread = (why: string): OpenLog => ({ missing: { source: id, entity, why: `${path}: ${why}` } });
  try {
    // A pipe would keep whoever opens it until somebody writes.
    if (!(await stat(path)).isFile()) return unread('it is no file');
    await using file = await open(path);
    const { size } = await file.stat();
    const from = Math.max(0, size - mostBytes);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const texts = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first of a part is the rest of a line, the last of a whole file is nothing.
    if (from > 0) texts.shift();
    if (texts.at(-1) === '') texts.pop();
    const lines: LogLine[] = [];
    for (const text of texts) {
      lines.push(lineOf(text, lines.length + 1, now));
      // Others have a turn: a long file is not read at the cost of looks and heartbeats.
      if (lines.length % linesOfATurn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return {
      log: {
        id,
        entity,
        bytes: size,
        truncated: from > 0,
        lines: (query) => Promise.resolve(matching(lines, query)),
      },
    };
  } catch (error) {
    return unread(error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read');
  }
}

function lineOf(raw: string, line: number, now: number): LogLine {
  const text = raw.replace(/\r$/, '').replace(secret, '$1[redacted]');
  return { line, at: lineTime(text, now), text };
}

function matching(lines: readonly LogLine[], { from, to, contains, limit }: LogQuery): readonly LogLine[] {
  const wanted = contains?.toLowerCase();
  let at: number | null = null;
  const found = lines.filter((line) => {
    at = line.at ?? at;
    if (from !== undefined && (at === null || at < from)) return false;
    if (to !== undefined && (at === null || at > to)) return false;
    return wanted === undefined || line.text.toLowerCase().includes(wanted);
  });
  return limit <= 0 ? [] : found.slice(-limit);
}
