import type { TicketRow } from '@kora/runtime/client';

/** How many tickets one request may name. */
export const mostAtOnce = 200;

/** The tickets that are picked, as they were seen when they were, and where a range begins. */
export interface Picks {
  readonly rows: ReadonlyMap<number, TicketRow>;
  readonly anchor: number | null;
}

export const noPicks: Picks = { rows: new Map(), anchor: null };

/** One ticket picked or let go; with `range` all of the list from the one before it. */
export function pick(picks: Picks, list: readonly TicketRow[], ticket: TicketRow, range: boolean): Picks {
  const rows = new Map(picks.rows);
  const from = list.findIndex((row) => row.ticketId === picks.anchor);
  const to = list.findIndex((row) => row.ticketId === ticket.ticketId);
  if (range && from >= 0 && to >= 0) {
    for (const row of list.slice(Math.min(from, to), Math.max(from, to) + 1)) rows.set(row.ticketId, row);
    return { rows, anchor: ticket.ticketId };
  }
  if (!rows.delete(ticket.ticketId)) rows.set(ticket.ticketId, ticket);
  return { rows, anchor: ticket.ticketId };
}

/** All of a list, as far as one request goes. */
export function pickAll(picks: Picks, list: readonly TicketRow[]): Picks {
  const rows = new Map(picks.rows);
  for (const row of list) if (rows.size < mostAtOnce) rows.set(row.ticketId, row);
  return { ...picks, rows };
}
