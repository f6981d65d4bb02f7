import type { ChainEvent } from './chain/index.ts';
import type { Ground } from './ground.ts';
import type { McpDeedTable } from './mcp/index.ts';
import { readsOf } from './open-house-tools.ts';
import type { Rooms } from './rooms.ts';
import { countBuckets } from './ticket/index.ts';
import type { TicketView } from './ticket/index.ts';

type Reads = Pick<
  McpDeedTable,
  | 'kora__daemon_status'
  | 'kora__get_operational_state'
  | 'kora__get_health_rollup'
  | 'kora__get_recent_ledger_entries'
  | 'kora__get_recent_chain_events'
  | 'kora__list_active_sea_tickets'
  | 'resource:status'
  | 'resource:incidents'
>;

/** What is not over, as it is worked: what is held first. */
const active = [
  'in_progress',
  'claimed',
  'blocked_needs_operator',
  'assigned',
  'failed_retryable',
  'released',
  'deferred_cost_limit',
  'waiting',
] as const;
const shownTransitions = 20;
const shownIncidents = 100;

/**
 * What programs outside may read. No answer has a fence, a claim token or a session in it: whoever holds a ticket was told
 * when it claimed.
 */
export function readsForMcp(ground: Ground, rooms: Rooms): Reads {
  const { database, workspace, holder, chain, coordinator } = rooms;
  const reads = readsOf(ground, rooms);
  const daemons = () =>
    coordinator.list().map(({ fence: _fence, heldBy: _heldBy, tasks, dependsOn, ...daemon }) => ({
      ...daemon,
      tasks: [...tasks],
      dependsOn: [...dependsOn],
    }));
  return {
    kora__daemon_status: async () => ({ daemons: daemons() }),
    kora__get_operational_state: async () => ({
      ...reads.operationalState(),
      transitions: holder.history.slice(-shownTransitions).map((each) => ({ ...each })),
    }),
    kora__get_health_rollup: () => reads.health(),
    kora__get_recent_ledger_entries: async (_, query) => ({ entries: await reads.ledger(query) }),
    kora__get_recent_chain_events: async (_, { order = 'desc', ...query }) => {
      const events = await reads.events({ ...query, order });
      return { events: events.map((event) => shownEvent(event, reads.told(event))) };
    },
    kora__list_active_sea_tickets: async (_, { limit }) => {
      const found = await Promise.all(active.map((status) => reads.tickets({ status, limit })));
      return { tickets: found.flat().slice(0, limit).map(shownTicket) };
    },
    'resource:status': async () => {
      const [head, tickets, health] = await Promise.all([
        chain.head(),
        countBuckets(database, workspace.workspaceId),
        reads.health(),
      ]);
      return {
        state: reads.operationalState(),
        health,
        tickets,
        chain: { seq: head.seq },
        daemons: daemons().map(({ name, state }) => ({ name, state })),
      };
    },
    'resource:incidents': async () => ({
      incidents: await reads.incidents({ status: 'open', limit: shownIncidents }),
    }),
  };
}

function shownEvent(
  { seq, type, occurredAt, actorId, ticketId }: ChainEvent,
  { words, payload }: { readonly words: string; readonly payload: Readonly<Record<string, unknown>> },
): object {
  const { fence: _fence, session: _session, ...shown } = payload;
  return { seq, type, at: occurredAt, actorId, ticketId, words: unfenced(words), payload: shown };
}

/** The operator is told under which fence a ticket was held; a reader has no use for it but a bad one. */
function unfenced(words: string): string {
  return words.replace(/ under fence \d+/g, '');
}

function shownTicket(view: TicketView): object {
  const { ticketId, kind, title, status, statusReason, priority, critical, assignedTo, origin } = view;
  const { trusted, attempts, createdAt, progress, summary } = view;
  const what = { ticketId, kind, title, status, statusReason, priority, critical, assignedTo, origin };
  return { ...what, trusted, attempts, createdAt, progress, summary };
}
