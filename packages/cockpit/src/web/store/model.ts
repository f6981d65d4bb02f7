import type {
  ApprovalRow,
  AttentionView,
  BootReport,
  CallerRow,
  DaemonRow,
  DecisionRow,
  EventRow,
  Heartbeat,
  IncidentRow,
  MessageRow,
  OperationalState,
  PluginRowView,
  ProbeRow,
  Status,
  TaskRow,
  TicketBuckets,
} from '@kora/runtime/client';
import type { Fault } from '../api/read.ts';

/** Every list the page keeps. Each is replaced whole by a later read and never changed in place. */
export interface Lists {
  readonly status: Status;
  readonly state: OperationalState;
  readonly boot: BootReport;
  readonly daemons: readonly DaemonRow[];
  readonly tasks: readonly TaskRow[];
  readonly tickets: TicketBuckets;
  readonly probes: readonly ProbeRow[];
  readonly incidents: readonly IncidentRow[];
  readonly messages: readonly MessageRow[];
  /** Those that wait for the operator. */
  readonly approvals: readonly ApprovalRow[];
  /** Questions that Kora asked: those about a call, a ticket, a drill. */
  readonly decisions: readonly DecisionRow[];
  /** What waits beside all those: alerts, proposals, a broken chain, what nobody was told. */
  readonly attention: AttentionView;
  readonly plugins: readonly PluginRowView[];
  /** Who this page is to the runtime, and what it may do. */
  readonly caller: CallerRow;
}

export type ListName = keyof Lists;

/**
 * What is known of one list. `order` numbers the requests: an answer never replaces that of a later request, so the
 * order in which answers arrive does not matter.
 */
export interface Slice<T> {
  readonly good: Good<T> | null;
  /** The last refusal. It counts only while its order is above the data's. */
  readonly bad: { readonly fault: Fault; readonly order: number } | null;
}

export interface Good<T> {
  readonly data: T;
  readonly order: number;
  /** Page clock, milliseconds since 1970. */
  readonly receivedAt: number;
  /** Server clock, ISO 8601. */
  readonly asOf: string;
  readonly source: 'live' | 'stale';
  readonly reason: string | null;
}

/** What the page knows of its link to the runtime. */
export interface LinkFacts {
  /** When the page began to listen; page clock. */
  readonly startedAt: number;
  readonly beat: Heartbeat | null;
  readonly beatAt: number | null;
  /** What the runtime said when it closed the stream. */
  readonly bye: string | null;
}

export interface Model {
  readonly lists: { readonly [K in ListName]: Slice<Lists[K]> };
  /** Newest first, at most `eventsKept`. */
  readonly events: readonly EventRow[];
  readonly eventsKnown: boolean;
  /** The highest sequence seen, in a snapshot or on the stream. */
  readonly seq: number;
  /** The build that served the first snapshot. */
  readonly build: string | null;
  readonly link: LinkFacts;
  /** Why the page is signed out, or null while it is not known to be. */
  readonly signedOut: Fault | null;
}

export const eventsKept = 2_000;

const unread: Slice<never> = { good: null, bad: null };

/** The model of a page that has not asked yet. */
export function emptyModel(now: number): Model {
  return {
    lists: {
      status: unread,
      state: unread,
      boot: unread,
      daemons: unread,
      tasks: unread,
      tickets: unread,
      probes: unread,
      incidents: unread,
      messages: unread,
      approvals: unread,
      decisions: unread,
      attention: unread,
      plugins: unread,
      caller: unread,
    },
    events: [],
    eventsKnown: false,
    seq: 0,
    build: null,
    link: { startedAt: now, beat: null, beatAt: null, bye: null },
    signedOut: null,
  };
}
