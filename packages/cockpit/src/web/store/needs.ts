import type {
  ApprovalRow,
  DaemonRow,
  IncidentRow,
  MessageRow,
  Status,
  TicketRow,
} from '@kora/runtime/client';
import { type Held, heldBy } from './held.ts';
import type { ListName, Model } from './model.ts';

export type NeedSeverity = 'critical' | 'warning' | 'info';

/** One thing that waits for the operator. */
export interface Need {
  readonly key: string;
  readonly severity: NeedSeverity;
  /** What it is: "incident", "ticket". */
  readonly what: string;
  readonly title: string;
  readonly detail: string | null;
  /** Server clock. */
  readonly since: string | null;
  readonly href: string;
  /** The command that answers it; the page itself only reads. */
  readonly command: string;
  /** The other answer, where there are two. */
  readonly otherwise?: string;
  /** Somebody has said that they are on it. */
  readonly taken: boolean;
}

export interface Needs {
  readonly items: readonly Need[];
  /** Lists that are not known yet: without them nobody may say "nothing needs you". */
  readonly unknown: readonly ListName[];
}

const inputs = [
  'status',
  'incidents',
  'tickets',
  'daemons',
  'messages',
  'approvals',
] as const satisfies readonly ListName[];
const rank = { critical: 0, warning: 1, info: 2 } as const;

/** Everything that waits for the operator, worst first, then oldest first; what is taken comes last. */
export function needsOf(lists: Model['lists']): Needs {
  const status = lists.status.good?.data;
  const items = [
    ...(status === undefined ? [] : heldNeeds(status)),
    ...(lists.approvals.good?.data ?? []).map(approvalNeed),
    ...(lists.incidents.good?.data ?? []).filter(isOwnFault).map(incidentNeed),
    ...(lists.daemons.good?.data ?? []).filter(isDown).map(daemonNeed),
    ...(lists.tickets.good?.data.failed_or_blocked ?? []).filter(isBlocked).map(ticketNeed),
    ...(lists.messages.good?.data ?? []).filter((row) => row.status === 'failed').map(messageNeed),
  ].sort(worseThenOlder);
  return { items, unknown: inputs.filter((name) => lists[name].good === null) };
}

function worseThenOlder(a: Need, b: Need): number {
  if (a.taken !== b.taken) return a.taken ? 1 : -1;
  if (a.severity !== b.severity) return rank[a.severity] - rank[b.severity];
  return Date.parse(a.since ?? '') - Date.parse(b.since ?? '') || a.key.localeCompare(b.key);
}

function heldNeeds(status: Status): Need[] {
  return heldBy(status).map(({ key, what, title, by, reason, since, expiresAt, command }: Held) => ({
    key,
    severity: what === 'stop' ? 'critical' : 'warning',
    what,
    title: `${title}, by ${by}: ${reason}`,
    detail: expiresAt === null ? 'Until somebody resumes.' : null,
    since,
    href: '/',
    command,
    taken: false,
  }));
}

/** Open ones only: the runtime answers no others. */
function approvalNeed(approval: ApprovalRow): Need {
  const { approvalId, caller, what, capability, reason, requestedAt } = approval;
  return {
    key: `approval-${approvalId}`,
    severity: 'warning',
    what: 'approval',
    title: `${caller} asks to call ${what}, once`,
    detail: reason === null ? capability : `${capability}: ${reason}`,
    since: requestedAt,
    href: '/',
    command: `kora approve ${approvalId} --reason "…"`,
    otherwise: `kora deny ${approvalId} --reason "…"`,
    taken: false,
  };
}

/** A consequence needs nobody: what it needs is on the list, or in a maintenance window. */
function isOwnFault({ status, causedBy }: IncidentRow): boolean {
  return status === 'open' && typeof causedBy !== 'string';
}

function incidentNeed(incident: IncidentRow): Need {
  return {
    key: `incident-${incident.incidentId}`,
    severity: incident.severity,
    what: 'incident',
    title: incident.title,
    detail: incident.detail,
    since: incident.failingSince,
    href: `/incidents/${incident.incidentId}`,
    command: `kora incident ack ${incident.incidentId} --reason "…"`,
    taken: incident.acknowledgedAt !== null || typeof incident.silencedUntil === 'string',
  };
}

function isDown(daemon: DaemonRow): boolean {
  return daemon.state === 'failed' || daemon.state === 'quarantined';
}

function daemonNeed(daemon: DaemonRow): Need {
  return {
    key: `daemon-${daemon.name}`,
    severity: daemon.fatal ? 'critical' : 'warning',
    what: 'daemon',
    title: `Daemon ${daemon.name} is ${daemon.state}`,
    detail: daemon.error,
    since: daemon.startedAt,
    href: `/daemons?q=${encodeURIComponent(daemon.name)}`,
    command: `kora daemon restart ${daemon.name} --reason "…"`,
    taken: false,
  };
}

function isBlocked(ticket: TicketRow): boolean {
  return ticket.status === 'blocked_needs_operator';
}

function ticketNeed(ticket: TicketRow): Need {
  return {
    key: `ticket-${ticket.ticketId}`,
    severity: ticket.critical ? 'critical' : 'warning',
    what: 'ticket',
    title: ticket.title,
    detail: ticket.statusReason ?? ticket.summary,
    since: ticket.claimedAt ?? ticket.createdAt,
    href: `/tickets/${ticket.ticketId}`,
    command: `kora ticket unblock ${ticket.ticketId} --reason "…"`,
    taken: false,
  };
}

function messageNeed(message: MessageRow): Need {
  return {
    key: `message-${message.messageId}`,
    severity: message.severity,
    what: 'message',
    title: `Not delivered by ${message.channel}: ${message.title}`,
    detail: message.error,
    since: message.createdAt,
    href: `/inbox?thread=${encodeURIComponent(message.thread)}`,
    command: 'kora inbox',
    taken: false,
  };
}
