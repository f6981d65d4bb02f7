import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import type { Transaction } from './store/index.ts';
import {
  addTicket,
  cancelTicket,
  findTicket,
  forceRetry,
  listOutcomes,
  listTickets,
  readBuckets,
} from './ticket/index.ts';
import type { TicketView } from './ticket/index.ts';

type TicketAnswers = Pick<
  House,
  'tickets' | 'ticket' | 'buckets' | 'addTicket' | 'cancelTicket' | 'retryTicket'
>;

/** What is asked of tickets and done to them by the operator. */
export function ticketAnswers({ home }: Ground, rooms: Rooms): TicketAnswers {
  const { database, workspace, chain, worker } = rooms;
  const { workspaceId } = workspace;
  const context = { workspaceId, stage: chain.stage.bind(chain) };
  const show = (view: TicketView): shape.TicketRow => ticketRow(view, worker.kinds);
  const find = async (ticketId: number): Promise<shape.TicketRow> => {
    const view = await findTicket(database, workspaceId, ticketId);
    if (view === undefined)
      throw fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId}`, { fix: 'kora ticket list' });
    return show(view);
  };
  const operate = async (
    act: (
      tx: Transaction,
      at: typeof context,
      request: { ticketId: number; reason: string; runtimeId: string },
    ) => Promise<void>,
    ticketId: number,
    reason: string,
  ): Promise<shape.TicketRow> => {
    await database.transaction((tx) => act(tx, context, { ticketId, reason, runtimeId: home.runtimeId }));
    worker.kick();
    return find(ticketId);
  };
  return {
    tickets: async (query) => (await listTickets(database, workspaceId, query)).map(show),
    ticket: async (ticketId) => ({
      ...(await find(ticketId)),
      outcomes: await listOutcomes(database, workspaceId, ticketId),
    }),
    buckets: async () => {
      const { in_progress, queued, deferred, recently_resolved, failed_or_blocked } = await readBuckets(
        database,
        workspaceId,
      );
      return {
        in_progress: in_progress.map(show),
        queued: queued.map(show),
        deferred: deferred.map(show),
        recently_resolved: recently_resolved.map(show),
        failed_or_blocked: failed_or_blocked.map(show),
      };
    },
    addTicket: async ({ idempotencyKey, ...ticket }) => {
      const wish = idempotencyKey === undefined ? ticket : { ...ticket, idempotencyKey };
      const { ticketId } = await database.transaction((tx) =>
        addTicket(tx, context, { ...wish, origin: 'operator' }),
      );
      worker.kick();
      return find(ticketId);
    },
    cancelTicket: (ticketId, reason) => operate(cancelTicket, ticketId, reason),
    retryTicket: (ticketId, reason) => operate(forceRetry, ticketId, reason),
  };
}

/** Queued work that no handler of this runtime takes says so, instead of looking merely slow. */
function ticketRow(view: TicketView, kinds: readonly string[]): shape.TicketRow {
  const waits = view.bucket === 'queued' && !kinds.includes(view.kind);
  return {
    ...view,
    payload: { ...view.payload },
    result: view.result === null ? null : { ...view.result },
    notRunnableReason: waits ? `no plugin handles tickets of kind ${view.kind}` : null,
  };
}
