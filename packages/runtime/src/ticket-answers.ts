import { once } from './control/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { usdOf } from './spend/index.ts';
import type { Queryable, Transaction } from './store/index.ts';
import {
  addTicketsAlone,
  cancelTicket,
  findTicket,
  forceRetry,
  listTickets,
  noteTicket,
  readBoard,
  readHistory,
  reassignTicket,
  releaseClaim,
  reprioritiseTicket,
  timelineOf,
  unblockTicket,
} from './ticket/index.ts';
import type { TicketView } from './ticket/index.ts';

type TicketAnswers = Pick<
  House,
  | 'tickets'
  | 'ticket'
  | 'buckets'
  | 'addTicket'
  | 'addTickets'
  | 'cancelTicket'
  | 'retryTicket'
  | 'unblockTicket'
  | 'reassignTicket'
  | 'releaseTicket'
  | 'reprioritiseTicket'
  | 'noteTicket'
>;
type Wish = Parameters<House['cancelTicket']>[0];

/** Newer events of one ticket than these are not on its timeline. */
const eventsShown = 500;

/** What is asked of tickets and done to them by the operator. */
export function ticketAnswers({ home }: Ground, rooms: Rooms): TicketAnswers {
  const { database, workspace, chain, worker } = rooms;
  const { workspaceId } = workspace;
  const context = { workspaceId, stage: chain.stage.bind(chain) };
  const show = ticketRowOf(rooms);
  const find = async (ticketId: number, db: Queryable = database): Promise<TicketView> => {
    const view = await findTicket(db, workspaceId, ticketId);
    if (view !== undefined) return view;
    throw fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId}`, { fix: 'kora ticket list' });
  };
  /** Once for its key; whoever comes with it again is answered the ticket as it was then. */
  const operate =
    <Asked extends Wish>(
      deed: string,
      act: (
        tx: Transaction,
        at: typeof context,
        request: Omit<Asked, 'idempotencyKey'> & { readonly runtimeId: string },
      ) => Promise<void>,
    ) =>
    async ({ idempotencyKey: key, ...wish }: Asked): Promise<shape.TicketRow> => {
      const done = await database.transaction((tx) =>
        once(tx, { workspaceId, key, deed, wish }, async () => {
          await act(tx, context, { ...wish, runtimeId: home.runtimeId });
          return find(wish.ticketId, tx);
        }),
      );
      worker.announce();
      return show(done);
    };
  return {
    tickets: async (query) => (await listTickets(database, workspaceId, query)).map(show),
    ticket: async (ticketId) => {
      const [view, history, events] = await Promise.all([
        find(ticketId),
        readHistory(database, workspaceId, ticketId),
        chain.read({ ticketId, order: 'desc', limit: eventsShown }),
      ]);
      return {
        ...show(view),
        outcomes: history.outcomes.map(({ costMicroUsd, ...outcome }) => ({
          ...outcome,
          costUsd: costMicroUsd === null ? null : usdOf(costMicroUsd),
        })),
        operations: history.operations,
        notes: history.notes,
        blockedBy: history.blockedBy.map(related),
        blocks: history.blocks.map(related),
        timeline: timelineOf(view, history, events.reverse()),
      };
    },
    buckets: async () => {
      const { counts, ...lanes } = await readBoard(database, workspaceId);
      const row = (view: TicketView): shape.BoardTicket => boardRow(view, show(view));
      return {
        in_progress: lanes.in_progress.map(row),
        queued: lanes.queued.map(row),
        deferred: lanes.deferred.map(row),
        recently_resolved: lanes.recently_resolved.map((view) => ({
          ...row(view),
          resolved_at: view.lastEndedAt,
        })),
        failed_or_blocked: lanes.failed_or_blocked.map(row),
        counts,
      };
    },
    addTicket: async (wish) => {
      const [added] = await addTicketsAlone(database, chain, [{ ...given(wish), origin: 'operator' }]);
      if (added === undefined) throw fault('KORA_INTERNAL', 'a ticket was neither added nor found');
      worker.announce();
      return show(await find(added.ticketId));
    },
    addTickets: async (wishes) => {
      const tickets = wishes.map((wish) => ({ ...given(wish), origin: 'operator' }));
      const added = await addTicketsAlone(database, chain, tickets);
      worker.announce();
      return { tickets: added };
    },
    cancelTicket: operate('ticket cancel', cancelTicket),
    retryTicket: operate('ticket retry', forceRetry),
    unblockTicket: operate('ticket unblock', unblockTicket),
    reassignTicket: operate<Parameters<House['reassignTicket']>[0]>('ticket reassign', reassignTicket),
    releaseTicket: operate('ticket release', releaseClaim),
    reprioritiseTicket: operate<Parameters<House['reprioritiseTicket']>[0]>(
      'ticket reprioritise',
      reprioritiseTicket,
    ),
    noteTicket: operate('ticket note', noteTicket),
  };
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without what was left out. */
function given<T extends object>(wish: T): Given<T> {
  return Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) as Given<T>;
}

function related({ ticketId, title, status }: TicketView): {
  ticketId: number;
  title: string;
  status: string;
} {
  return { ticketId, title, status };
}

/** A ticket as the API shows it, by who works here. */
export function ticketRowOf({ worker, reason }: Rowing): (view: TicketView) => shape.TicketRow {
  return (view) => ({
    ...ticketRow(view, worker.kinds, reason.engines.choice().engine !== null),
    attemptCeiling: worker.attemptCeiling,
  });
}

type Rowing = Pick<Rooms, 'worker' | 'reason'>;

/**
 * Queued work that no handler of this runtime takes says so, instead of looking merely slow; and that nobody thinks here,
 * who would take some of it.
 */
function ticketRow(
  view: TicketView,
  kinds: readonly string[],
  isThinking: boolean,
): Omit<shape.TicketRow, 'attemptCeiling'> {
  const { claims: _, resolution: __, lastEndedAt: ___, ...row } = view;
  const waits = view.bucket === 'queued' && !kinds.includes(view.kind);
  return {
    ...row,
    payload: { ...view.payload },
    failureCountByReason: { ...view.failureCountByReason },
    progress: view.progress === null ? null : { ...view.progress },
    result: view.result === null ? null : { ...view.result },
    notRunnableReason: waits
      ? `no plugin handles tickets of kind ${view.kind}${isThinking ? '' : ', and no reasoning engine is configured'}`
      : null,
  };
}

/** With the names that panels of the board have always had. */
export function boardRow(view: TicketView, row: shape.TicketRow): shape.BoardTicket {
  return {
    ...row,
    id: row.ticketId,
    criticality: row.downshift,
    state: row.status,
    created_at: row.createdAt,
    assigned_at: row.assignedAt,
    claimed_at: row.claimedAt,
    deferred_at: row.deferredAt,
    next_eligible_at: row.nextEligibleAt,
    resolved_at: row.resolvedAt,
    resolution: view.resolution,
    claim_count: view.claims,
    work_attempt_count: row.attempts,
    model_tier_used: row.modelTier,
    failure_count_by_reason: row.failureCountByReason,
  };
}
