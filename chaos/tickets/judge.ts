import type { EventFact, Facts, OutcomeFact } from './facts.ts';
import type { Told } from './outside.ts';

const terminal = new Set(['completed', 'failed_terminal', 'cancelled']);
const attemptCeiling = 10;

/** What is wrong, one line each; empty when every law held. */
export function judgeTickets(facts: Facts): string[] {
  return [
    ...noneLost(facts),
    ...noneStuck(facts),
    ...eachFenceEndsOnce(facts),
    ...ownWords(facts),
    ...eventsMatch(facts),
    ...effectsOutside(facts),
    ...attemptsOutside(facts),
    ...consequencesOnce(facts),
    ...facts.late.map(
      ({ what, ticket, fence }) => `a ${what} of ${ticket} landed after its fence ${fence} had ended`,
    ),
    ...(facts.verified.ok ? [] : [`the chain does not verify: ${facts.verified.detail}`]),
    ...(facts.unsealed === 0 ? [] : [`${facts.unsealed} events are not sealed`]),
  ];
}

/** What was acknowledged is there; each ticket has one end, or lies in one place. */
function noneLost({ added, tickets, open, outcomes }: Facts): string[] {
  const there = new Set(tickets.map(({ ticket }) => ticket));
  const places = count(open.map(({ ticket }) => ticket));
  const ends = count(
    outcomes.filter(({ resolution }) => terminal.has(resolution)).map(({ ticket }) => ticket),
  );
  return [
    ...added.flatMap((ticket) =>
      there.has(ticket) ? [] : [`ticket ${ticket} was acknowledged and is lost`],
    ),
    ...tickets.flatMap(({ ticket }) => {
      const [lies, ended] = [places.get(ticket) ?? 0, ends.get(ticket) ?? 0];
      return lies + ended === 1 ? [] : [`ticket ${ticket} lies in ${lies} places and has ${ended} ends`];
    }),
  ];
}

/** With the faults over all ends, or waits for the operator by a rule. */
function noneStuck({ open, operations }: Facts): string[] {
  const unknown = new Set(
    operations
      .filter(({ effects, status }) => effects === 'once' && status === 'dispatched')
      .map(({ ticket }) => ticket),
  );
  return open.flatMap(({ ticket, place, status, reason, attempts }) => {
    const byRule = status === 'blocked_needs_operator' && (unknown.has(ticket) || attempts >= attemptCeiling);
    return byRule ? [] : [`ticket ${ticket} did not end: ${place} ${status ?? ''} ${reason ?? ''}`];
  });
}

/** Claims are numbered from one without a gap, and each has one end. */
function eachFenceEndsOnce({ outcomes, open }: Facts): string[] {
  const leases = new Set(open.flatMap(({ ticket, place }) => (place === 'lease' ? [ticket] : [])));
  const broken: string[] = [];
  for (const [ticket, ends] of byTicket(outcomes)) {
    if (leases.has(ticket)) continue;
    const fences = ends.map(({ fence }) => fence);
    if (fences.some((fence, at) => fence !== at + 1))
      broken.push(`ticket ${ticket} has ends under the fences ${fences.join(', ')}`);
    const completed = ends.filter(({ resolution }) => resolution === 'completed');
    if (completed.length > 1) broken.push(`ticket ${ticket} was completed ${completed.length} times`);
    const last = ends.findIndex(({ resolution }) => terminal.has(resolution));
    if (last !== -1 && last !== ends.length - 1)
      broken.push(`ticket ${ticket} was given out again after its end under ${ends[last]?.fence}`);
  }
  return broken;
}

/** What a claim's end says was said by its holder: no other's word was kept under its fence. */
function ownWords({ outcomes }: Facts): string[] {
  return outcomes.flatMap(({ ticket, fence, resolution, runtime, sessionsRuntime, word }) => {
    if (word !== null && word !== fence)
      return [`ticket ${ticket} was ended under ${fence} by who held ${word}`];
    const reaped = resolution === 'expired' || resolution === 'cancelled';
    if (reaped || sessionsRuntime === null || runtime === sessionsRuntime) return [];
    return [`ticket ${ticket} was ended under ${fence} by a runtime that did not hold it`];
  });
}

const endsBy: Readonly<Record<string, string>> = {
  released: 'sea_ticket.claim_released',
  expired: 'sea_ticket.claim_expired',
};

/** On the chain each fence is granted once, ends once, and before the next is granted. */
function eventsMatch({ events, outcomes }: Facts): string[] {
  const ends = byTicket(outcomes);
  const broken: string[] = [];
  for (const [ticket, of] of byTicket(events)) {
    const seen = of.map((event) => `${event.type} ${event.fence}`);
    const expected = (ends.get(ticket) ?? []).flatMap(({ fence, resolution }) => [
      `sea_ticket.claimed_for_edit ${fence}`,
      `${endsBy[resolution] ?? 'kora.sea_ticket.resolved'} ${fence}`,
    ]);
    const at = Array.from({ length: Math.max(seen.length, expected.length) }, (_, n) => n).find(
      (n) => seen[n] !== expected[n],
    );
    if (at !== undefined)
      broken.push(
        `the chain says of ticket ${ticket} ${seen[at] ?? 'nothing'} where ${expected[at] ?? 'nothing'} follows`,
      );
    broken.push(...of.filter(isTorn).map(({ seq }) => `event ${seq} of ticket ${ticket} names two fences`));
  }
  for (const ticket of ends.keys())
    if (!events.some((event) => event.ticket === ticket)) broken.push(`ticket ${ticket} is not on the chain`);
  return broken;
}

function isTorn({ fence, said }: EventFact): boolean {
  return said !== null && said !== fence;
}

/** `once` at most once, what was committed did happen, and a ticket's one operation has one key for ever. */
function effectsOutside({ told, operations }: Facts): string[] {
  const effects = told.filter(({ what, effects: promise }) => what === 'effect' && promise !== 'plain');
  const broken = [...count(effects.map(({ key }) => key ?? ''))].flatMap(([key, n]) => {
    const once = effects.some((effect) => effect.key === key && effect.effects === 'once');
    return once && n > 1 ? [`the effect ${key} may happen once and happened ${n} times`] : [];
  });
  const keys = new Map<number, Set<string>>();
  const times = count(effects.map(({ ticket }) => ticket));
  for (const { ticket, key = '' } of effects) keys.set(ticket, (keys.get(ticket) ?? new Set()).add(key));
  for (const [ticket, all] of keys)
    if (all.size > 1) broken.push(`the one operation of ticket ${ticket} was sent under ${all.size} keys`);
  for (const { ticket, effects: promise, status, dispatches } of operations) {
    const n = times.get(ticket) ?? 0;
    if (status === 'committed' && n === 0)
      broken.push(`the operation of ticket ${ticket} is committed and never happened`);
    if (promise === 'idempotent' && n > dispatches)
      broken.push(`the operation of ticket ${ticket} was sent ${n} times in ${dispatches} beginnings`);
  }
  const kept = new Set(operations.map(({ ticket }) => ticket));
  for (const ticket of keys.keys())
    if (!kept.has(ticket)) broken.push(`an effect of ticket ${ticket} is not in the ledger`);
  return broken;
}

/** Outside each claim was begun by one process at most, that of its holder; what was completed was worked. */
function attemptsOutside({ told, outcomes, tickets }: Facts): string[] {
  const begun = new Map<string, Told[]>();
  for (const one of told.filter(({ what }) => what === 'begin')) {
    const name = `${one.ticket}/${one.fence}`;
    begun.set(name, [...(begun.get(name) ?? []), one]);
  }
  const broken: string[] = [];
  for (const [name, all] of begun)
    if (all.length > 1) broken.push(`claim ${name} was begun ${all.length} times`);
  const granted = new Map(outcomes.map((outcome) => [`${outcome.ticket}/${outcome.fence}`, outcome]));
  for (const name of new Set(told.map(({ ticket, fence }) => `${ticket}/${fence}`)))
    if (!granted.has(name)) broken.push(`the world was told of claim ${name}, which was never granted`);
  for (const [name, outcome] of granted) {
    const runtime = begun.get(name)?.[0]?.runtime;
    if (outcome.resolution === 'completed' && runtime !== outcome.runtime)
      broken.push(`claim ${name} was completed by ${outcome.runtime} and worked by ${runtime ?? 'nobody'}`);
  }
  const plain = new Set(
    tickets.filter(({ kind }) => kind === 'plain' || kind === 'child').map(({ ticket }) => ticket),
  );
  const done = new Set(
    told.flatMap(({ what, ticket, fence }) => (what === 'effect' ? [`${ticket}/${fence}`] : [])),
  );
  for (const [name, { ticket, resolution }] of granted)
    if (plain.has(ticket) && resolution === 'completed' && !done.has(name))
      broken.push(`claim ${name} was completed without its work`);
  return broken;
}

/** What follows from an end followed once, and from nothing else. */
function consequencesOnce({ tickets, outcomes, messages }: Facts): string[] {
  const children = count(tickets.flatMap(({ parent }) => (parent === null ? [] : [parent])));
  const completed = new Set(
    outcomes.flatMap(({ ticket, resolution }) => (resolution === 'completed' ? [ticket] : [])),
  );
  const told = new Set(messages);
  return tickets.flatMap(({ ticket, kind }) => {
    const expected = kind === 'parent' && completed.has(ticket) ? 1 : 0;
    const found = [children.get(ticket) ?? 0, told.has(`told:${ticket}`) ? 1 : 0];
    return found.every((n) => n === expected)
      ? []
      : [`ticket ${ticket} has ${found[0]} children and ${found[1]} messages instead of ${expected}`];
  });
}

function count<Key>(keys: readonly Key[]): Map<Key, number> {
  const times = new Map<Key, number>();
  for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1);
  return times;
}

function byTicket<Fact extends OutcomeFact | EventFact>(facts: readonly Fact[]): Map<number, Fact[]> {
  const groups = new Map<number, Fact[]>();
  for (const fact of facts) {
    const group = groups.get(fact.ticket);
    if (group === undefined) groups.set(fact.ticket, [fact]);
    else group.push(fact);
  }
  return groups;
}
