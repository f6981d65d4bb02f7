import type { EventRow } from '@kora/runtime/client';

/** The fields of a payload that name what an event is about, in the order in which they are asked. */
const naming = ['probe', 'plugin', 'daemon', 'task', 'alert_id', 'message_id', 'channel', 'session'] as const;

/** What an event is about: its ticket, else what its payload names, else its correlation; null where nothing says it. */
export function subjectOf({ ticketId, payload, correlationId }: EventRow): string | null {
  if (ticketId !== null) return `ticket #${ticketId}`;
  for (const name of naming) {
    const value = payload[name];
    if (typeof value === 'string' || typeof value === 'number') return `${name.replace('_id', '')} ${value}`;
  }
  return correlationId;
}

/** The events before and after this one that are about the same, among those of the page (newest first). */
export function besides(
  event: EventRow,
  rows: readonly EventRow[],
): { readonly previous: number | null; readonly next: number | null } {
  const subject = subjectOf(event);
  if (subject === null) return { previous: null, next: null };
  const same = rows.filter((row) => subjectOf(row) === subject).map((row) => row.seq);
  return {
    previous: same.find((seq) => seq < event.seq) ?? null,
    next: same.findLast((seq) => seq > event.seq) ?? null,
  };
}
