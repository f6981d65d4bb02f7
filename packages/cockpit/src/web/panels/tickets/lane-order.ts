import type { TicketRow } from '@kora/runtime/client';
import { inLaneSince } from '../../store/lanes.ts';
import { reasonOf } from './verbs.ts';

/** What stands in a lane: a ticket, or the reason that the next ones share. */
export type LaneItem =
  | { readonly kind: 'ticket'; readonly ticket: TicketRow }
  | { readonly kind: 'reason'; readonly reason: string; readonly count: number };

const priorityRank = { frontier: 0, high: 1, normal: 2, low: 3 } as const;

/** The lane's tickets in the order asked for: what has waited longest, or what is most urgent, first. Else the runtime's. */
export function ordered(tickets: readonly TicketRow[], sort: string): readonly TicketRow[] {
  const age = (a: TicketRow, b: TicketRow): number => Date.parse(inLaneSince(a)) - Date.parse(inLaneSince(b));
  if (sort === 'age') return tickets.toSorted(age);
  if (sort !== 'priority') return tickets;
  return tickets.toSorted((a, b) => priorityRank[a.priority] - priorityRank[b.priority] || age(a, b));
}

/** As items; with `group` those of one reason together, the most common reason first. */
export function laneItems(tickets: readonly TicketRow[], group: boolean): readonly LaneItem[] {
  if (!group) return tickets.map((ticket) => ({ kind: 'ticket', ticket }));
  return [...Map.groupBy(tickets, reasonOf)]
    .sort(([a, many], [b, few]) => few.length - many.length || a.localeCompare(b))
    .flatMap(([reason, rows]): LaneItem[] => [
      { kind: 'reason', reason, count: rows.length },
      ...rows.map((ticket): LaneItem => ({ kind: 'ticket', ticket })),
    ]);
}

export function itemKey(item: LaneItem): string {
  return item.kind === 'ticket' ? String(item.ticket.ticketId) : `reason ${item.reason}`;
}

/** Where an item leads; a reason leads nowhere. */
export function itemHref(item: LaneItem): string {
  return item.kind === 'ticket' ? `/tickets/${item.ticket.ticketId}` : '';
}
