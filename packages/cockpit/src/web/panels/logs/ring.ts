import type { logLineSchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { count } from '../../kit/format.ts';

export type LogLine = z.infer<typeof logLineSchema>;

/** What of the log came too fast to be shown. */
export interface Skipped {
  readonly bytes: number;
  /** Null for too many to be counted. */
  readonly lines: number | null;
}

/** A hole between a line and the older one, whose time is known where the page has it. */
export interface Hole extends Skipped {
  readonly since: string | null;
}

/** A line, and what lies between it and the older one without being here. */
export interface LogEntry {
  readonly line: LogLine;
  readonly skipped: Hole | null;
}

/** The lines that the page keeps of the log's end, newest first. */
export interface Ring {
  readonly entries: readonly LogEntry[];
  /** Lines that it had and let go of. */
  readonly letGo: number;
}

export const emptyRing: Ring = { entries: [], letGo: 0 };
/** Lines that the page keeps. */
export const ringLines = 5_000;

/** The ring with more lines in it, in whatever order they came, each once. What was skipped lies before the first of them. */
export function withLines(ring: Ring, lines: readonly LogLine[], skipped: Skipped | null = null): Ring {
  if (lines.length === 0) return ring;
  const known = new Set(ring.entries.map(({ line }) => line.place));
  const fresh = lines.filter((line) => !known.has(line.place)).toSorted(newestFirst);
  if (fresh.length === 0) return ring;
  const oldest = fresh.length - 1;
  const hole =
    skipped === null || skipped.bytes === 0
      ? null
      : { ...skipped, since: ring.entries[0]?.line.time ?? null };
  const added = fresh.map((line, index) => ({ line, skipped: index === oldest ? hole : null }));
  const all = [...added, ...ring.entries];
  // Only what was read beside the stream comes out of order.
  const isOrdered = (added.at(-1)?.line.place ?? '') > (ring.entries[0]?.line.place ?? '');
  const entries = isOrdered ? all : all.toSorted((a, b) => newestFirst(a.line, b.line));
  return {
    entries: entries.slice(0, ringLines),
    letGo: ring.letGo + Math.max(0, entries.length - ringLines),
  };
}

/** Places of the log are ordered as text. */
function newestFirst(a: LogLine, b: LogLine): number {
  return a.place < b.place ? 1 : a.place > b.place ? -1 : 0;
}

/** `1,204 lines (900/s)`, as far as it is known; what was too much to be counted is told in bytes. */
export function skippedText({ bytes, lines, since }: Hole, until: string): string {
  if (lines === null) return bytesText(bytes);
  const seconds = since === null ? 0 : (Date.parse(until) - Date.parse(since)) / 1_000;
  const rate = seconds > 0 ? ` (${count(Math.max(1, Math.round(lines / seconds)))}/s)` : '';
  return `${count(lines)} ${lines === 1 ? 'line' : 'lines'}${rate}`;
}

/** `12 KiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const kib = bytes / 1_024;
  return kib < 1_024 ? `${Math.round(kib)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}
