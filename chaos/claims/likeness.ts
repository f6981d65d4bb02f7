import type { Seen, SeenTicket } from './look.ts';
import { isOf } from './world.ts';
import type { Worker, World } from './world.ts';

/** All orders of n things. */
function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  );
}

/**
 * What a state is known by: everything that what follows can depend on, without names and without times. Two states that
 * differ only in which worker is which, or which ticket, or in what the clock says, have one.
 */
export function likenessOf(world: World, seen: Seen): string {
  let least: string | undefined;
  for (const workers of orders(world.workers.length)) {
    for (const tickets of orders(seen.tickets.length)) {
      const text = described(world, seen, { workers, tickets });
      if (least === undefined || text < least) least = text;
    }
  }
  return least ?? '';
}

/** The same of one order only: quickly told, and not for two states that are alike but for names. */
export function literalOf(world: World, seen: Seen): string {
  return described(world, seen, { workers: [...world.workers.keys()], tickets: [...seen.tickets.keys()] });
}

interface Order {
  readonly workers: readonly number[];
  readonly tickets: readonly number[];
}

function described(world: World, seen: Seen, order: Order): string {
  const workers = order.workers.flatMap((n) => world.workers[n] ?? []);
  const tickets = order.tickets.flatMap((n) => seen.tickets[n] ?? []);
  const names = new Map<string, string>();
  for (const [n, { sessionId }] of workers.entries()) names.set(sessionId, `w${n}`);
  const nameOf = (sessionId: string | null): string => {
    if (sessionId === null) return '';
    const name = names.get(sessionId) ?? `x${names.size}`;
    names.set(sessionId, name);
    return `${name}${seen.living.has(sessionId) ? '' : '-'}`;
  };
  const parts = [
    ...tickets.map((ticket) => ticketText(world, ticket, nameOf)),
    ...workers.map((worker) => workerText(world, worker, { tickets, nameOf })),
  ];
  const { grants, faults, operations } = world.left;
  return `${parts.join('|')}|${grants},${faults},${operations}`;
}

type NameOf = (sessionId: string | null) => string;

function ticketText({ grants }: World, { ticketId, places, outcomes }: SeenTicket, nameOf: NameOf): string {
  const top = Math.max(
    0,
    ...grants.filter(({ claim }) => claim.ticketId === ticketId).map(({ claim }) => claim.fence),
  );
  const rows = places.map(({ at, fence, attempts, session, due }) =>
    [at, fence, attempts, nameOf(session), due].join(),
  );
  const last = outcomes.at(-1);
  return `${rows.join('&')};${top};${last?.fence ?? 0},${last?.resolution ?? ''}`;
}

function workerText(
  { grants }: World,
  { sessionId, beliefs }: Worker,
  { tickets, nameOf }: { readonly tickets: readonly SeenTicket[]; readonly nameOf: NameOf },
): string {
  const told = beliefs.map((belief) => {
    const { claim, said } = belief;
    const ticket = tickets.find(({ ticketId }) => ticketId === claim.ticketId);
    const outcome = ticket?.outcomes.find(({ fence }) => fence === claim.fence);
    const accepted = grants.find(isOf(claim))?.accepted;
    // Attempts and failures of a claim go into its end.
    const known = [claim.fence, claim.attempts, claim.failures, nameOf(belief.sessionId), said, accepted];
    return `${ticket === undefined ? '' : tickets.indexOf(ticket)}:${known.join()},${outcome?.resolution ?? ''}`;
  });
  return `${nameOf(sessionId)}:${told.toSorted().join('&')}`;
}
