import type { Status, TicketBuckets, TicketRow } from '@kora/runtime/client';

export type LaneName = Exclude<keyof TicketBuckets, 'counts'>;

export interface LaneSpec {
  readonly name: LaneName;
  readonly title: string;
  /** Why an empty lane is fine, or what it would show. */
  readonly whenEmpty: string;
}

/** The five lanes in their fixed order. */
export const lanes: readonly LaneSpec[] = [
  {
    name: 'in_progress',
    title: 'In progress',
    whenEmpty: 'Nothing is being worked on. A claimed ticket shows here.',
  },
  { name: 'queued', title: 'Queued', whenEmpty: 'No ticket waits for a worker.' },
  { name: 'deferred', title: 'Deferred', whenEmpty: 'Nothing is put off by the budget.' },
  {
    name: 'failed_or_blocked',
    title: 'Failed or blocked',
    whenEmpty: 'No failed or blocked tickets in the last 7 days.',
  },
  { name: 'recently_resolved', title: 'Recently resolved', whenEmpty: 'Nothing has been resolved yet.' },
];

/**
 * How many tickets a lane holds. The runtime's own count, since its list may be cut; `recently_resolved` is a view of
 * the last attempts outside the sum, so there the list is the count. Null is unknown, never zero.
 */
export function laneCount(
  lane: LaneName,
  status: Status | null,
  buckets: TicketBuckets | null,
): number | null {
  if (lane === 'recently_resolved') return buckets?.recently_resolved.length ?? null;
  return status?.tickets?.[lane] ?? null;
}

/** Since when a ticket has been where it is, as far as the API tells. */
export function inLaneSince(ticket: TicketRow): string {
  switch (ticket.bucket) {
    case 'in_progress':
      return ticket.claimedAt ?? ticket.createdAt;
    case 'recently_resolved':
    case 'failed_or_blocked':
      return ticket.resolvedAt ?? ticket.claimedAt ?? ticket.createdAt;
    case 'deferred':
      return ticket.deferredAt ?? ticket.createdAt;
    case 'queued':
      return ticket.createdAt;
  }
}

/** The time of the ticket that has been in the lane longest; null when the lane is empty. */
export function oldestInLane(tickets: readonly TicketRow[]): string | null {
  let oldest: string | null = null;
  for (const ticket of tickets) {
    const since = inLaneSince(ticket);
    if (oldest === null || Date.parse(since) < Date.parse(oldest)) oldest = since;
  }
  return oldest;
}
