import type { Claim } from '../../packages/runtime/src/ticket/index.ts';
import { around } from './around.ts';
import { isReady, leasesOf } from './holding.ts';
import { law } from './look.ts';
import type { Place, Seen } from './look.ts';
import { speaking } from './speaking.ts';
import type { Step } from './step.ts';
import { isOf, spent, withWorker } from './world.ts';
import type { World } from './world.ts';

/** Everything that anybody could do next. */
export function* stepsFrom(world: World, seen: Seen): Generator<Step> {
  const cast = new Set<string>();
  for (const [who, worker] of world.workers.entries()) {
    const fresh = worker.beliefs.length === 0 && leasesOf(seen, worker.sessionId).length === 0;
    // Of workers that nothing tells apart, one stands for all.
    const likeness = fresh ? `fresh ${seen.living.has(worker.sessionId)}` : `${who}`;
    if (cast.has(likeness)) continue;
    cast.add(likeness);
    yield* claiming(world, seen, who);
    yield* living(world, seen, who);
    yield* speaking(world, seen, who);
  }
  yield* around(world, seen);
}

function* claiming(world: World, seen: Seen, who: number): Generator<Step> {
  const { left, workers } = world;
  const sessionId = workers[who]?.sessionId ?? '';
  const isAlive = seen.living.has(sessionId);
  const ready = isAlive ? seen.tickets.filter(({ places }) => isReady(places[0])) : [];
  const granted = (claims: readonly Claim[], heard: boolean): World => {
    for (const claim of claims) judgeGrant(world, claim);
    const given = claims.map((claim) => ({ claim, sessionId, accepted: undefined }));
    const told = claims.map((claim) => ({ claim, sessionId, said: undefined }));
    const beliefs = [...(workers[who]?.beliefs ?? []), ...(heard ? told : [])];
    const next = { ...withWorker(world, who, { beliefs }), grants: [...world.grants, ...given] };
    return spent(next, { grants: claims.length, faults: heard ? 0 : 1 });
  };
  const all = (heard: boolean): Step => ({
    name: `worker ${who} claims all${heard ? '' : ', and never hears of it'}`,
    run: async (acts) => {
      const claims = await acts.claim(sessionId, seen.tickets.length);
      const ids = claims.map(({ ticketId }) => ticketId).toSorted((a, b) => a - b);
      law(ids.join() === ready.map(({ ticketId }) => ticketId).join(), `claimed were [${ids.join()}]`);
      return { world: granted(claims, heard), deed: {} };
    },
  });
  if (left.grants >= ready.length) yield all(true);
  if (left.grants >= ready.length && ready.length > 0 && left.faults > 0) yield all(false);
  if (left.grants === 0) return;
  for (const { ticketId, places } of seen.tickets) {
    yield {
      name: `worker ${who} claims ticket ${ticketId}`,
      run: async (acts) => {
        const { result, claim } = await acts.claimOne(sessionId, ticketId);
        const wanted = isAlive && isReady(places[0]) ? 'claimed' : refusalOf(places[0]);
        law(result === wanted, `the claim of ticket ${ticketId} was ${result}, not ${wanted}`);
        return { world: granted(claim === undefined ? [] : [claim], true), deed: {} };
      },
    };
  }
}

function refusalOf(place: Place | undefined): string {
  if (place === undefined) return 'ticket_terminal';
  return place.at === 'lease' ? 'already_claimed' : 'blocked_by_control';
}

/** Fences only rise: whoever has this one is the last of all who ever had one. */
function judgeGrant({ grants }: World, { ticketId, fence }: Claim): void {
  const before = grants.filter(({ claim }) => claim.ticketId === ticketId);
  const top = Math.max(0, ...before.map(({ claim }) => claim.fence));
  law(fence > top, `ticket ${ticketId} was given under fence ${fence} after ${top}`);
}

function* living(world: World, seen: Seen, who: number): Generator<Step> {
  const worker = world.workers[who];
  if (worker === undefined) return;
  const { sessionId, beliefs } = worker;
  const leases = leasesOf(seen, sessionId);
  yield {
    name: `worker ${who} beats`,
    run: async (acts) => {
      const held = await acts.beat(sessionId);
      law((held !== undefined) === seen.living.has(sessionId), `a beat of worker ${who} was told otherwise`);
      if (held === undefined) {
        const next = withWorker(world, who, { sessionId: await acts.begin([sessionId]) });
        return { world: next, deed: {} };
      }
      const said = [...held].map(([ticketId, fence]) => `${ticketId} ${fence}`).toSorted();
      law(said.join() === leases.join(), `worker ${who} was told that it holds [${said.join()}]`);
      const strays = [...held].filter(
        ([ticketId, fence]) => !beliefs.some(({ claim }) => isOf({ ticketId, fence })({ claim })),
      );
      if (strays.length > 0) await acts.abandon(sessionId, new Map(strays));
      return { world, deed: {} };
    },
  };
  if (world.left.faults === 0 || (beliefs.length === 0 && leases.length === 0)) return;
  yield {
    name: `worker ${who} crashes and begins anew`,
    run: async (acts) => {
      const next = withWorker(world, who, { sessionId: await acts.begin(), beliefs: [] });
      return { world: spent(next, { faults: 1 }), deed: {} };
    },
  };
}
