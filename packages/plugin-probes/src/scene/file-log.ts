import { open } from 'node:fs/promises';
import type { LogLine, LogQuery, LogSource, Missing } from './contract.ts';

/** The end of a file that is read: a day of a busy service, and not the memory of this process. */
const mostBytes = 32 * 1_048_576;
const isoTime = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:\s?(?:Z|UTC|[+-]\d\d:?\d\d))?/;
/** What stands behind such a word and is long enough to be one; what says that there is none is no secret. */
const secret =
  /((?:password|passwd|secret|token|api[-_]?key|authorization)["']?\s?[=:]\s?["']?(?:bearer\s|basic\s)?)(?!\S*(?:required|missing|undefined|invalid|expired|empty|unset))[^\s"',;]{6,}/gi;

export type OpenLog = { readonly log: LogSource } | { readonly missing: Missing };

/**
 * The end of a log file, read once and kept as long as the source is. A file that cannot be read is told, not thrown.
 * Lines are counted from the first that is read.
 */
export async function fileLog(
  path: string,
  about: { readonly id: string; readonly entity: string },
): Promise<OpenLog> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const from = Math.max(0, size - mostBytes);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const texts = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first of a part is the rest of a line, the last of a whole file is nothing.
    if (from > 0) texts.shift();
    if (texts.at(-1) === '') texts.pop();
    const lines = texts.map((text, index) => lineOf(text, index + 1));
    return {
      log: {
        ...about,
        bytes: size,
        truncated: from > 0,
        lines: (query) => Promise.resolve(matching(lines, query)),
      },
    };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    return { missing: { source: about.id, entity: about.entity, why: `${path}: ${why}` } };
  }
}

function lineOf(raw: string, line: number): LogLine {
  const text = raw.replace(/\r$/, '').replace(secret, '$1[redacted]');
  const found = isoTime.exec(text.slice(0, 120))?.[0];
  if (found === undefined) return { line, at: null, text };
  const iso = found
    .replace(' ', 'T')
    .replace(',', '.')
    .replace(/\s?UTC$/, 'Z');
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
  return { line, at: Number.isNaN(at) ? null : at, text };
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
