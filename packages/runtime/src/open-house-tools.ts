import { draft } from './chain/index.ts';
import { wordsOf } from './explain.ts';
import type { Ground } from './ground.ts';
import { lookAtHealth } from './health-answers.ts';
import { houseTools, takeTurn } from './house-tools/index.ts';
import type { HouseDeeds, HouseReads } from './house-tools/index.ts';
import { messageNumber } from './message/index.ts';
import { readHistory as readLooks } from './probe/index.ts';
import { keptSnapshots, operatorWritten } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { incidentsWithTickets } from './services.ts';
import type { Transaction } from './store/index.ts';
import { addTicket, findTicket, listTickets, newestOperations, readHistory } from './ticket/index.ts';

const house = { id: 'kora', trusted: true } as const;

/** The runtime's own tools, over its rooms; the set that is offered inside and outside. */
export function addHouseTools(ground: Ground, rooms: Rooms): void {
  const ports = { reads: readsOf(ground, rooms), deeds: deedsOf(ground, rooms) };
  for (const tool of houseTools(ports)) rooms.tools.registry.register(tool, house);
}

/** What of the runtime is read, for whoever thinks inside and for whoever asks from outside. */
export function readsOf(ground: Ground, rooms: Rooms): HouseReads {
  const { database, workspace, holder, chain, vocabulary, probes, snapshots } = rooms;
  const { workspaceId } = workspace;
  return {
    operationalState: () => {
      const { state, inputs, since, stoppedBy } = holder;
      const { holds, stopLevel, boot } = inputs;
      return { ...state, since, boot, stopLevel, holds, stoppedBy: stoppedBy?.trigger ?? null };
    },
    health: () => lookAtHealth(ground, rooms),
    tickets: (query) => listTickets(database, workspaceId, query),
    ticket: async (ticketId) => {
      const [view, history] = await Promise.all([
        findTicket(database, workspaceId, ticketId),
        readHistory(database, workspaceId, ticketId),
      ]);
      return view === undefined ? undefined : { view, history };
    },
    events: (query) => chain.read(query),
    told: (event) => ({
      words: wordsOf(event, vocabulary.get(event.type)?.means),
      payload: chain.publicView(event).payload,
    }),
    ledger: (query) => newestOperations(database, workspaceId, query),
    probes: () => probes.list(),
    probeHistory: (query) => readLooks(database, workspaceId, query),
    incidents: (query) => incidentsWithTickets(rooms, query),
    fixes: (probe) => rooms.fixes.offers(probe),
    snapshot: async () => {
      await snapshots.record();
      const [newest] = await keptSnapshots(database, workspaceId, 1);
      return newest ?? null;
    },
  };
}

function deedsOf({ configuration }: Ground, rooms: Rooms): HouseDeeds {
  const { database, workspace, chain, worker, apply } = rooms;
  const { workspaceId } = workspace;
  // Read at each turn: the operator may say another bound while it runs.
  const bounds = (): typeof configuration.config.tools => configuration.config.tools;
  const inTurn = <T>(
    bounded: { readonly tool: string; readonly key: string; readonly perHour: number },
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> =>
    database.transaction(async (tx) => {
      await takeTurn(tx, workspaceId, bounded);
      return work(tx);
    });
  return {
    attemptFix: (wish, waitMs) => rooms.fixes.attempt(wish, waitMs),
    addTicket: async (ticket, bounded) => {
      const added = await inTurn({ ...bounded, perHour: bounds().ticketsPerHour }, (tx) =>
        addTicket(tx, chain, ticket),
      );
      worker.announce();
      return added.ticketId;
    },
    tell: (message, bounded, { session, subject, ticketId }) =>
      inTurn({ ...bounded, perHour: bounds().messagesPerHour }, async (tx) => {
        const before = await messageNumber(tx, workspaceId, message.key);
        if (before !== undefined) return before;
        await apply(tx, { messages: [message] });
        const messageId = (await messageNumber(tx, workspaceId, message.key)) ?? 0;
        const attachments = message.attachments?.length ?? 0;
        const payload = { message_id: messageId, session, attachments, subject };
        await chain.stage(tx, [draft(operatorWritten, payload, ticketId === null ? {} : { ticketId })]);
        return messageId;
      }),
  };
}
