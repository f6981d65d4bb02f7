import type { logLineSchema } from '@kora/runtime/client';
import type { z } from 'zod';

export type LogLine = z.infer<typeof logLineSchema>;

/** A line, and how many bytes of the log between it and the older one came too fast to be shown. */
export interface LogEntry {
  readonly line: LogLine;
  readonly skippedBytes: number;
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
export function withLines(ring: Ring, lines: readonly LogLine[], skippedBytes = 0): Ring {
  if (lines.length === 0) return ring;
  const known = new Set(ring.entries.map(({ line }) => line.place));
  const fresh = lines.filter((line) => !known.has(line.place)).toSorted(newestFirst);
  if (fresh.length === 0) return ring;
  const oldest = fresh.length - 1;
  const added = fresh.map((line, index) => ({ line, skippedBytes: index === oldest ? skippedBytes : 0 }));
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

/** `12 KiB`: what was skipped is known in bytes alone. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const kib = bytes / 1_024;
  return kib < 1_024 ? `${Math.round(kib)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}
