import type { Claim, Verdict } from '../../packages/runtime/src/ticket/index.ts';
import { holds } from './holding.ts';
import { law } from './look.ts';
import type { Seen } from './look.ts';
import type { Step } from './step.ts';
import { isOf, withWorker } from './world.ts';
import type { Belief, Word, World } from './world.ts';

const words: readonly Word[] = ['completed', 'failed_retryable', 'released'];

/** What a worker may say of what it believes to hold, rightly or not. */
export function* speaking(world: World, seen: Seen, who: number): Generator<Step> {
  const worker = world.workers[who];
  for (const belief of worker?.beliefs ?? []) {
    const { claim, sessionId, said } = belief;
    const { ticketId, fence } = claim;
    const name = `worker ${who}, of ticket ${ticketId} under fence ${fence}`;
    if (said === undefined) {
      for (const word of words) yield saying(world, seen, { who, name, spoken: [{ belief, word }] });
    } else yield saying(world, seen, { who, name: `${name}, again`, spoken: [{ belief, word: said }] });
    yield {
      name: `${name}: goes on`,
      run: async (acts) => {
        law((await acts.progress(belief)) === holds(seen, belief), `progress of ${sessionId} on ${ticketId}`);
        return { world, deed: {} };
      },
    };
    yield {
      name: `${name}: begins an operation`,
      run: async (acts) => {
        const written = await acts.write(belief);
        law(!written || holds(seen, belief), `ticket ${ticketId} was written under the stale fence ${fence}`);
        law(written || !holds(seen, belief), `the holder of ticket ${ticketId} was refused`);
        return { world, deed: {} };
      },
    };
  }
  const unsaid = (worker?.beliefs ?? []).filter(
    ({ said, sessionId }, n, all) => said === undefined && sessionId === all[0]?.sessionId,
  );
  if (new Set(unsaid.map(({ claim }) => claim.ticketId)).size === 2 && unsaid.length === 2)
    yield saying(world, seen, {
      who,
      name: `worker ${who}, of both`,
      spoken: unsaid.map((belief) => ({ belief, word: 'completed' })),
    });
}

interface Saying {
  readonly who: number;
  readonly name: string;
  readonly spoken: readonly { readonly belief: Belief; readonly word: Word }[];
}

/** The first time nobody hears the answer, so it is said once more; the laws hear both. */
function saying(world: World, seen: Seen, { who, name, spoken }: Saying): Step {
  return {
    name: `${name}: ${spoken.map(({ word }) => word).join(', ')}`,
    run: async (acts) => {
      const sessionId = spoken[0]?.belief.sessionId ?? '';
      const verdicts = await acts.say(
        sessionId,
        spoken.map(({ belief: { claim }, word }) => ({ claim, word })),
      );
      await acts.freeze();
      let next = world;
      const ended: number[] = [];
      for (const [n, { belief, word }] of spoken.entries()) {
        judgeVerdict(world, seen, belief, verdicts[n]);
        if (verdicts[n] === 'ok') {
          ended.push(belief.claim.ticketId);
          next = accepted(next, belief.claim, word);
        }
        next = withWorker(next, who, { beliefs: heard(next.workers[who]?.beliefs ?? [], belief, word) });
      }
      return { world: next, deed: { ended } };
    },
  };
}

function accepted(world: World, claim: Claim, word: Word): World {
  const isThis = isOf(claim);
  return {
    ...world,
    grants: world.grants.map((grant) => (isThis(grant) ? { ...grant, accepted: word } : grant)),
  };
}

function heard(beliefs: readonly Belief[], belief: Belief, word: Word): Belief[] {
  return beliefs.flatMap((one) =>
    one !== belief ? [one] : one.said === undefined ? [{ ...one, said: word }] : [],
  );
}

/** `ok` for the present holder and for nobody else; `already` for one whose own word was accepted before. */
export function judgeVerdict(world: World, seen: Seen, belief: Belief, verdict: Verdict | undefined): void {
  const { claim, sessionId } = belief;
  const grant = world.grants.find(isOf(claim));
  const mine = grant?.sessionId === sessionId && grant.accepted !== undefined;
  const wanted = holds(seen, belief) ? 'ok' : mine ? 'already' : 'lost';
  law(
    verdict === wanted,
    `ticket ${claim.ticketId} under fence ${claim.fence}: the verdict is ${verdict}, not ${wanted}`,
  );
}
