import { KoraError } from '@kora/runtime/plugin';
import type { McpContext, McpTool } from '@kora/runtime/plugin';
import type { z } from 'zod';
import { answers } from './shapes.ts';

/** Something that is read by its address. */
export interface OfferedResource {
  readonly name: string;
  /** An address, or the pattern of many. */
  readonly uri: string;
  readonly isTemplate: boolean;
  readonly title: string;
  readonly description: string;
  readonly output: z.ZodObject;
  /** What the house calls it. */
  readonly tool: McpTool;
  read(house: McpContext, token: string, variables: Readonly<Record<string, string>>): Promise<unknown>;
}

const mostEvents = 200;
const mostTickets = 200;

export const offeredResources: readonly OfferedResource[] = [
  {
    name: 'status',
    uri: 'kora://status',
    isTemplate: false,
    title: 'Status',
    description: 'State, health, counts of tickets, daemons, and how far the event log is.',
    output: answers.status,
    tool: 'resource:status',
    read: (house, token) => house.call(token, { tool: 'resource:status', input: {} }),
  },
  {
    name: 'tickets',
    uri: 'kora://tickets',
    isTemplate: false,
    title: 'Active tickets',
    description: 'Tickets that are not over.',
    output: answers.tickets,
    tool: 'kora__list_active_sea_tickets',
    read: (house, token) =>
      house.call(token, { tool: 'kora__list_active_sea_tickets', input: { limit: mostTickets } }),
  },
  {
    name: 'incidents',
    uri: 'kora://incidents',
    isTemplate: false,
    title: 'Open incidents',
    description: 'What is broken now.',
    output: answers.incidents,
    tool: 'resource:incidents',
    read: (house, token) => house.call(token, { tool: 'resource:incidents', input: {} }),
  },
  {
    name: 'events',
    uri: 'kora://events/{from}-{to}',
    isTemplate: true,
    title: 'A range of events',
    description: `Events of the log by their sequence, oldest first, both ends included; at most ${mostEvents}.`,
    output: answers.events,
    tool: 'kora__get_recent_chain_events',
    read: (house, token, { from = '', to = '' }) => {
      const [first, last] = [whole(from), whole(to)];
      if (first === undefined || last === undefined || last < first)
        throw new KoraError(
          'PLUGIN_MCP_RANGE',
          `kora://events/${from}-${to} is no range; kora://events/1-50 is one`,
        );
      const limit = Math.min(mostEvents, last - first + 1);
      const input = { after: first - 1, before: last + 1, order: 'asc', limit } as const;
      return house.call(token, { tool: 'kora__get_recent_chain_events', input });
    },
  },
];

function whole(text: string): number | undefined {
  const value = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
