import type { Filter } from '../../shell/query.ts';

/** What of the tickets' page stays in the address: words, lane, board or list, order, whether reasons are grouped. */
export const ticketFilterKeys = ['q', 'lane', 'v', 'sort', 'group'] as const;
export type TicketFilter = Filter<(typeof ticketFilterKeys)[number]>;
