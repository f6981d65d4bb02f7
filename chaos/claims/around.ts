import { isVoid } from './holding.ts';
import { law } from './look.ts';
import type { Seen } from './look.ts';
import { judgeVerdict } from './speaking.ts';
import type { Step } from './step.ts';
import { spent } from './world.ts';
import type { Left, World } from './world.ts';

/** What the reaper, the weather, strangers and the operator may do. */
export function* around(world: World, seen: Seen): Generator<Step> {
  const { left } = world;
  if (left.faults > 0) yield* weather(world, seen);
  yield {
    name: 'the reaper comes',
    run: async (acts) => {
      const reaped = (await acts.reap()).map(({ ticketId }) => ticketId).toSorted((a, b) => a - b);
      await acts.freeze();
      const dead = seen.tickets.filter(({ places: [place] }) => isVoid(seen, place));
      law(
        reaped.join() === dead.map(({ ticketId }) => ticketId).join(),
        `the reaper took [${reaped.join()}], void were [${dead.map(({ ticketId }) => ticketId).join()}]`,
      );
      return { world, deed: { reaps: true } };
    },
  };
  if (seen.tickets.some(({ places: [place] }) => place?.at === 'ready' && !place.due))
    yield {
      name: 'time passes',
      run: async (acts) => {
        await acts.wait();
        return { world, deed: {} };
      },
    };
  yield* strangers(world, seen);
  if (left.operations > 0) yield* operating(world, seen);
}

function* weather(world: World, seen: Seen): Generator<Step> {
  const current = world.workers.map(({ sessionId }) => sessionId);
  const holding = seen.tickets.flatMap(({ places: [place] }) => (place?.session ? [place.session] : []));
  const next = spent(world, { faults: 1 });
  let hasIdle = false;
  for (const sessionId of new Set([...current, ...holding])) {
    const owner = world.workers[current.indexOf(sessionId)];
    const isIdle = !holding.includes(sessionId) && owner?.beliefs.length === 0;
    if (!seen.living.has(sessionId) || (isIdle && hasIdle)) continue;
    hasIdle ||= isIdle;
    yield {
      name: `the session of ${current.includes(sessionId) ? `worker ${current.indexOf(sessionId)}` : 'nobody'} lapses`,
      run: async (acts) => {
        await acts.expire(sessionId);
        return { world: next, deed: {} };
      },
    };
  }
  for (const { ticketId, places } of seen.tickets) {
    if (places[0]?.at !== 'lease' || places[0].due) continue;
    yield {
      name: `the deadline of ticket ${ticketId} passes`,
      run: async (acts) => {
        await acts.overdue(ticketId);
        return { world: next, deed: {} };
      },
    };
  }
}

/** Somebody who has come by another's fence: no session but the holder's own may use it. */
function* strangers(world: World, seen: Seen): Generator<Step> {
  for (const { ticketId } of seen.tickets) {
    const last = world.grants.findLast(({ claim }) => claim.ticketId === ticketId);
    const stranger = world.workers.find(({ sessionId }) => sessionId !== last?.sessionId);
    if (last === undefined || stranger === undefined) continue;
    yield {
      name: `a stranger completes ticket ${ticketId} under fence ${last.claim.fence}`,
      run: async (acts) => {
        const { sessionId } = stranger;
        const [verdict] = await acts.say(sessionId, [{ claim: last.claim, word: 'completed' }]);
        judgeVerdict(world, seen, { ...last, sessionId, said: undefined }, verdict);
        return { world, deed: {} };
      },
    };
  }
}

function* operating(world: World, seen: Seen): Generator<Step> {
  const cost: Partial<Left> = { operations: 1 };
  for (const { ticketId, places } of seen.tickets) {
    const [place] = places;
    yield {
      name: `the operator cancels ticket ${ticketId}`,
      run: async (acts) => {
        const done = await acts.cancel(ticketId);
        law(done === (place !== undefined), `a cancel of ticket ${ticketId} said ${done}`);
        return { world: done ? spent(world, cost) : world, deed: { cancelled: ticketId } };
      },
    };
    yield {
      name: `the operator has ticket ${ticketId} tried again`,
      run: async (acts) => {
        const done = await acts.forceRetry(ticketId);
        law(done === (place?.at !== 'lease'), `a forced retry of ticket ${ticketId} said ${done}`);
        return { world: done ? spent(world, cost) : world, deed: { reopened: ticketId } };
      },
    };
  }
}
