import type { ChainEvent } from '../../chain/index.ts';
import {
  claimExpired,
  claimReleased,
  operatorAction,
  operatorNote,
  ticketClaimed,
  ticketCreated,
  ticketResolved,
} from '../events.ts';
import type { OperationView, OutcomeView, TicketHistory } from './history.ts';
import type { TicketView } from './view.ts';

export interface TimelineEntry {
  readonly at: string;
  readonly what: 'added' | 'claimed' | 'attempt' | 'operation' | 'note' | 'operator' | 'dependency' | 'event';
  /** One line. */
  readonly words: string;
  readonly fence: number | null;
  /** The event on the chain that says so; null where a row alone does. */
  readonly seq: number | null;
}

const mostEntries = 500;

/** These say what an outcome's row says: the row is shown, with the sequence of the event. */
const endings: ReadonlySet<string> = new Set([claimExpired.type, claimReleased.type, ticketResolved.type]);

/**
 * Everything that happened to a ticket in the order of time: what its tables say, and what the chain says of it beside
 * that. An event that is not sealed yet comes with the next look.
 */
export function timelineOf(
  ticket: TicketView,
  history: TicketHistory,
  events: readonly ChainEvent[],
): TimelineEntry[] {
  const ends = new Map(
    events.filter(({ type }) => endings.has(type)).map(({ fence, seq }) => [fence, seq] as const),
  );
  const isCancelTold = events.some(
    ({ type, payload }) => type === operatorAction.type && payload['action'] === 'cancel',
  );
  const { createdAt, origin } = ticket;
  const isAddedTold = events.some(({ type }) => type === ticketCreated.type);
  const entries: TimelineEntry[] = [
    ...(isAddedTold ? [] : [entry(createdAt, 'added', `added by ${origin}`)]),
    ...history.blockedBy.map(({ ticketId, title, status }) =>
      entry(createdAt, 'dependency', `needs ticket ${ticketId}, ${title}: ${status} now`),
    ),
    ...events.filter(({ type }) => !endings.has(type)).map(eventEntry),
    // A cancel is the operator's: the event says it with who and why.
    ...history.outcomes
      .filter(({ resolution }) => resolution !== 'cancelled' || !isCancelTold)
      .map((outcome) => outcomeEntry(outcome, ends.get(outcome.fence) ?? null)),
    ...history.operations.flatMap(operationEntries),
    ...history.notes.map(({ at, text, fence }) => entry(at, 'note', text, { fence })),
    ...history.blocks.map(({ ticketId, title, createdAt: at }) =>
      entry(at, 'dependency', `ticket ${ticketId}, ${title}, needs this one`),
    ),
  ];
  // Stable: what has one time stays in the order of above.
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-mostEntries);
}

function entry(
  at: string,
  what: TimelineEntry['what'],
  words: string,
  { fence = null, seq = null }: Partial<Pick<TimelineEntry, 'fence' | 'seq'>> = {},
): TimelineEntry {
  return { at, what, words, fence, seq };
}

function eventEntry({ type, payload, occurredAt: at, fence, seq, actorId }: ChainEvent): TimelineEntry {
  // A redacted event says nothing of itself.
  const told = (field: string): string => {
    const value = payload[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown';
  };
  switch (type) {
    case ticketCreated.type:
      return entry(at, 'added', `added by ${told('origin')}`, { fence, seq });
    case ticketClaimed.type:
      return entry(at, 'claimed', `claimed, attempt ${told('attempt')}`, { fence, seq });
    case operatorAction.type:
      return entry(at, 'operator', `${told('action')} by ${actorId}: ${told('reason')}`, { fence, seq });
    case operatorNote.type:
      return entry(at, 'note', `${actorId}: ${told('text')}`, { fence, seq });
    default:
      return entry(at, 'event', type, { fence, seq });
  }
}

function outcomeEntry(outcome: OutcomeView, seq: number | null): TimelineEntry {
  const { at, fence, resolution, summary, failureClass, failureReason, modelTier } = outcome;
  const particulars = [failureClass, failureReason, modelTier].filter((each) => each !== null);
  const why = particulars.length === 0 ? '' : ` (${particulars.join(', ')})`;
  return entry(at, 'attempt', `${resolution}${why}: ${summary}`, { fence, seq });
}

/** Allocated, sent, and how it ended. */
function operationEntries(operation: OperationView): TimelineEntry[] {
  const { operationId, tool, status, fence, dispatches, error, allocatedAt, dispatchedAt, endedAt } =
    operation;
  const say = (at: string | null, words: string): TimelineEntry[] =>
    at === null ? [] : [entry(at, 'operation', `${tool} ${operationId}: ${words}`, { fence })];
  return [
    ...say(allocatedAt, 'allocated'),
    ...say(dispatchedAt, dispatches > 1 ? `sent, ${dispatches} times by now` : 'sent'),
    ...say(endedAt, error === null ? status : `${status}, ${error}`),
  ];
}
