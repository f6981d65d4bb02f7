import type { EventFact, Facts, TicketFact } from './facts.ts';

/** The laws that hold after any number of crashes; each answers what breaks it. */
const laws: readonly ((facts: Facts) => string[])[] = [
  acknowledgedOnce,
  ticketsResolvedOnce,
  messagesToldOnce,
  consequencesOnce,
  outsideToldAll,
  incidentsToldOnce,
  chainHolds,
  cursorsHold,
];

/** Everything that a run broke; empty when it kept every law. */
export function judge(facts: Facts): string[] {
  return laws.flatMap((law) => law(facts));
}

function acknowledgedOnce({ acknowledged, tickets }: Facts): string[] {
  const byKey = countBy(tickets, ({ key }) => key ?? '');
  return acknowledged.flatMap((key) => wrong(`ticket ${key} that was acknowledged`, byKey.get(key)));
}

function ticketsResolvedOnce({ tickets, events }: Facts): string[] {
  const created = countBy(ofType(events, 'sea_ticket.created'), ticketOf);
  const resolved = countBy(ofType(events, 'kora.sea_ticket.resolved'), ticketOf);
  return tickets.flatMap(({ id, completed, open }) => [
    ...wrong(`completed outcome of ticket ${id}`, completed),
    ...(open === 0 ? [] : [`ticket ${id} is resolved and open at once`]),
    ...wrong(`created event of ticket ${id}`, created.get(id)),
    ...wrong(`resolved event of ticket ${id}`, resolved.get(id)),
  ]);
}

function messagesToldOnce({ messages, events }: Facts): string[] {
  const accepted = countBy(ofType(events, 'notification.accepted'), messageOf);
  const delivered = countBy(ofType(events, 'notification.delivered'), messageOf);
  const keys = countBy(messages, ({ key }) => key);
  return messages.flatMap(({ id, key, deliveries, waiting }) => [
    ...wrong(`message with the key ${key}`, keys.get(key)),
    ...wrong(`delivery of message ${key}`, deliveries),
    ...(waiting === 0 ? [] : [`message ${key} is delivered and waits`]),
    ...wrong(`accepted event of message ${key}`, accepted.get(id)),
    ...wrong(`delivered event of message ${key}`, delivered.get(id)),
  ]);
}

/** What follows from a ticket, in its own transaction or through a subscription, is there once. */
function consequencesOnce({ tickets, messages }: Facts): string[] {
  const keys = countBy(messages, ({ key }) => key);
  return tickets.flatMap((ticket) => [
    ...findingsOnce(ticket, keys),
    ...wrong(`message tally:${ticket.id}`, keys.get(`tally:${ticket.id}`)),
  ]);
}

function findingsOnce({ kind, key }: TicketFact, keys: ReadonlyMap<string, number>): string[] {
  const findings = `${kind === 'errand' ? 'errand' : 'investigation'}:${key}`;
  // Nobody thinks in this house: the alert itself has said all that is known.
  if (kind === 'alert_investigation') return same(`messages ${findings}`, keys.get(findings) ?? 0, 0);
  // What was over before its turn came is told in a line of its own.
  const told = (keys.get(findings) ?? 0) + (keys.get(`${findings}:recovered`) ?? 0);
  return wrong(`message ${findings}`, told);
}

/** Outside a store only "at least once" can be promised; nothing is left out and nothing is made up. */
function outsideToldAll({ messages, wired }: Facts): string[] {
  const sent = messages.filter(({ channel }) => channel === 'wire').map(({ key }) => key);
  const reached = new Set(wired);
  const known = new Set(sent);
  return [
    ...sent
      .filter((key) => !reached.has(key))
      .map((key) => `${key} counts as delivered and never reached the wire`),
    ...[...reached]
      .filter((key) => !known.has(key))
      .map((key) => `${key} reached the wire and is no message`),
  ];
}

function incidentsToldOnce({ events, messages, tickets, openIncidents }: Facts): string[] {
  const keys = countBy(messages, ({ key }) => key);
  const told = (key: string): string[] => wrong(`message ${key}`, keys.get(key));
  const openings = ofType(events, 'probe.wake_requested');
  const ends = ofType(events, 'probe.incident_resolved');
  const again = ofType(events, 'probe.incident_reopened');
  const closings = messages.filter(({ key }) => /^incident:\d+:resolve:/.test(key));
  const reopenings = messages.filter(({ key }) => /^incident:\d+:reopen:/.test(key));
  const orders = countBy(tickets, ({ key }) => key ?? '');
  return [
    ...openings.flatMap(({ payload }) => told(`incident:${String(payload['incident_id'])}:open`)),
    ...openings.flatMap(({ payload }) => {
      const wake = String(payload['wake_id']);
      return wrong(`investigation of wake ${wake}`, orders.get(wake));
    }),
    ...same('recovery messages and resolved events', closings.length, ends.length),
    ...same('reopening messages and reopened events', reopenings.length, again.length),
    ...same('ends and beginnings of incidents', ends.length + openIncidents, openings.length + again.length),
  ];
}

function chainHolds({ verify, events, staged, quarantined }: Facts): string[] {
  const gaps = events
    .flatMap(({ seq }, at) => (seq === at + 1 ? [] : [`event ${at + 1} is not there`]))
    .slice(0, 1);
  return [
    ...(verify.ok ? [] : [`the chain breaks at ${verify.firstBadSeq}: ${verify.problem}`]),
    ...gaps,
    ...same('events checked and the head', verify.checked, verify.head.seq),
    ...same('events that stay unsealed', staged, 0),
    ...same('events in quarantine', quarantined, 0),
    ...ofType(events, 'kora.boot.failed').map(({ seq }) => `a boot failed (event ${seq})`),
  ];
}

function cursorsHold({ consumers, verify }: Facts): string[] {
  return consumers.flatMap(({ consumer, lag, parked, cursor }) => [
    ...same(`lag of ${consumer}`, lag, 0),
    ...same(`parked events of ${consumer}`, parked, 0),
    ...(cursor > verify.head.seq ? [`the cursor of ${consumer} is past the head`] : []),
  ]);
}

function wrong(what: string, times: number | undefined): string[] {
  return times === 1 ? [] : [`${what}: ${times ?? 0} times instead of once`];
}

function same(what: string, is: number, shouldBe: number): string[] {
  return is === shouldBe ? [] : [`${what}: ${is}, not ${shouldBe}`];
}

function ofType(events: readonly EventFact[], type: string): EventFact[] {
  return events.filter((event) => event.type === type);
}

function ticketOf({ payload }: EventFact): unknown {
  return payload['ticket'];
}

function messageOf({ payload }: EventFact): unknown {
  return payload['message_id'];
}

function countBy<T, K>(rows: readonly T[], key: (row: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return counts;
}
