import type {
  ApprovalRow,
  AttentionView,
  DaemonRow,
  DecisionRow,
  IncidentRow,
  MessageRow,
  Status,
  TicketRow,
} from '@kora/runtime/client';
import { type Held, heldBy } from './held.ts';
import { inLaneSince } from './lanes.ts';
import type { ListName, Model } from './model.ts';

export type NeedSeverity = 'critical' | 'warning' | 'info';

/** How it is answered from the page; null: not with one press. */
export type NeedAct =
  | { readonly kind: 'approval'; readonly approval: ApprovalRow }
  | { readonly kind: 'decision'; readonly decision: DecisionRow }
  | { readonly kind: 'incident'; readonly incidentId: number }
  | { readonly kind: 'alert'; readonly alertId: number }
  | { readonly kind: 'daemon'; readonly name: string; readonly state: DaemonRow['state'] }
  | { readonly kind: 'ticket'; readonly ticketId: number }
  /** One hold alone, or with null all that stops it. */
  | { readonly kind: 'resume'; readonly holdId: number | null };

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
  readonly act: NeedAct | null;
  /** The command that answers it too. */
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
  'decisions',
  'attention',
] as const satisfies readonly ListName[];
const rank = { critical: 0, warning: 1, info: 2 } as const;

/** Everything that waits for the operator, worst first, then oldest first; what is taken comes last. */
export function needsOf(lists: Model['lists']): Needs {
  const status = lists.status.good?.data;
  // A question about a call is the call's own approval; one about a ticket says more than that the ticket is blocked.
  const decisions = (lists.decisions.good?.data ?? []).filter(
    (row) => row.status === 'open' && row.kind !== 'approval',
  );
  const asked = new Set(decisions.map((row) => `${row.kind} ${row.subject}`));
  const isNotAsked = (ticket: TicketRow): boolean => !asked.has(`ticket ${ticket.ticketId}`);
  const attention = lists.attention.good?.data.items ?? [];
  // That the operator was not told of an alert says more than that a message about it failed.
  const untold = new Set(attention.filter(({ what }) => what === 'untold').map(({ thread }) => thread));
  // What is read before a word is said of it has a row of its own: the question about it adds nothing.
  const standing = new Set([
    ...attention.filter(({ what }) => what === 'proposal').map(({ id }) => `promotion ${id}`),
    ...(lists.incidents.good?.data ?? []).filter(isOwnFault).map((row) => `incident ${row.incidentId}`),
  ]);
  const items = [
    ...(status === undefined ? [] : heldNeeds(status)),
    ...(lists.approvals.good?.data ?? []).map(approvalNeed),
    ...decisions.filter((row) => !standing.has(`${row.kind} ${subjectId(row)}`)).map(decisionNeed),
    ...(lists.incidents.good?.data ?? []).filter(isOwnFault).map(incidentNeed),
    ...(lists.daemons.good?.data ?? []).filter(isDown).map(daemonNeed),
    ...(lists.tickets.good?.data.failed_or_blocked ?? [])
      .filter(isBlocked)
      .filter(isNotAsked)
      .map(ticketNeed),
    ...attention.filter(({ what, id }) => what !== 'alert' || !asked.has(`alert ${id}`)).map(attentionNeed),
    ...(lists.messages.good?.data ?? [])
      .filter((row) => row.status === 'failed' && !untold.has(row.thread))
      .map(messageNeed),
  ].sort(worseThenOlder);
  return { items, unknown: inputs.filter((name) => lists[name].good === null) };
}

function worseThenOlder(a: Need, b: Need): number {
  if (a.taken !== b.taken) return a.taken ? 1 : -1;
  if (a.severity !== b.severity) return rank[a.severity] - rank[b.severity];
  return Date.parse(a.since ?? '') - Date.parse(b.since ?? '') || a.key.localeCompare(b.key);
}

function heldNeeds(status: Status): Need[] {
  return heldBy(status).map(({ key, what, title, by, reason, since, expiresAt, command, lift }: Held) => ({
    key,
    severity: what === 'stop' ? 'critical' : 'warning',
    what,
    title: `${title}, by ${by}: ${reason}`,
    detail: expiresAt === null ? 'Until somebody resumes.' : null,
    since,
    href: '/control',
    act: lift === null ? null : { kind: 'resume', holdId: lift.holdId ?? null },
    command,
    taken: false,
  }));
}

/** What a question is about: of a proposal it names the revision too. */
function subjectId({ subject }: Pick<DecisionRow, 'subject'>): string {
  return subject.split(' ', 1)[0] ?? subject;
}

const asksAbout: Readonly<Record<string, string>> = {
  approval: '/approvals/',
  ticket: '/tickets/',
  promotion: '/promotions/',
  alert: '/alerts/',
  incident: '/incidents/',
};

/** Where what a decision is about stands. */
export function decisionHref(decision: Pick<DecisionRow, 'kind' | 'subject'>): string {
  const place = asksAbout[decision.kind];
  return place === undefined ? '/approvals' : `${place}${encodeURIComponent(subjectId(decision))}`;
}

function decisionNeed(decision: DecisionRow): Need {
  const { decisionId, title, asker, askedAt } = decision;
  return {
    key: `decision-${decisionId}`,
    severity: 'warning',
    what: 'decision',
    title,
    detail: `asked by ${asker}`,
    since: askedAt,
    href: decisionHref(decision),
    act: { kind: 'decision', decision },
    command: `kora decision answer ${decisionId} approve`,
    otherwise: `kora decision answer ${decisionId} deny`,
    taken: false,
  };
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
    href: `/approvals/${approvalId}`,
    act: { kind: 'approval', approval },
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
    act: incident.acknowledgedAt === null ? { kind: 'incident', incidentId: incident.incidentId } : null,
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
    since: daemon.diedAt ?? daemon.startedAt,
    href: `/daemons/${encodeURIComponent(daemon.name)}`,
    act: { kind: 'daemon', name: daemon.name, state: daemon.state },
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
    since: inLaneSince(ticket),
    href: `/tickets/${ticket.ticketId}`,
    act: { kind: 'ticket', ticketId: ticket.ticketId },
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
    href: `/inbox/out-${message.messageId}`,
    act: null,
    command: 'kora inbox',
    taken: false,
  };
}

type Waiting = AttentionView['items'][number];

/** Where each is looked at, and the command that answers it. */
const attended: Readonly<Record<Waiting['what'], (id: number) => readonly [href: string, command: string]>> =
  {
    chain: (seq) => [`/events?seq=${seq}`, 'kora event verify'],
    alert: (id) => [`/alerts/${id}`, `kora alert ack ${id} --reason "…"`],
    untold: (id) => [`/alerts/${id}`, 'kora channel list'],
    proposal: (id) => [`/promotions/${id}`, `kora promotion show ${id}`],
  };

function attentionNeed({ what, id, severity, title, detail, since, taken }: Waiting): Need {
  const [href, command] = attended[what](id);
  const known = what === 'alert' && !taken;
  return {
    key: `${what}-${id}`,
    severity,
    what,
    title,
    detail,
    since,
    href,
    act: known ? { kind: 'alert', alertId: id } : null,
    command,
    taken,
  };
}
