import type { OccurrenceRow } from '@kora/runtime/client';

export type Occurrence = OccurrenceRow;

/** Milliseconds that a run took; null while it goes on, or where its end was not seen. */
export function tookMs({
  startedAt,
  finishedAt,
}: Pick<Occurrence, 'startedAt' | 'finishedAt'>): number | null {
  return finishedAt === null ? null : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}
