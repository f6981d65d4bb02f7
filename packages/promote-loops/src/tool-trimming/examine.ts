import type { Examination, HistoryLook, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { percent, rounded } from '../figures/round.ts';
import { neverIn } from '../figures/share.ts';
import { spared } from './observe.ts';
import { trimmableRoutes, trimmedKind, trimmedSchema } from './trimmed.ts';
import { usesOf } from './use.ts';

/** Requests of the held-out part without which nothing is said. */
const leastRequests = 3;

/** Whether requests that the proposer never saw went without these tools too: one that was called is one too many. */
export async function examineTrimming(
  past: PromotionContext,
  {
    draft,
    look,
    signal,
  }: { readonly draft: ProposalDraft; readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Examination> {
  const { key, value } = draft.change;
  const route = trimmableRoutes(await past.places(trimmedKind)).get(key);
  const { uses } = await usesOf(past, { look, signal });
  const use = uses.get(key);
  if (route === undefined || use === undefined)
    return failed(`${key} had no requests in the part that was held out`);
  const added = trimmedSchema.parse(value).without.filter((tool) => !route.without.includes(tool));
  const requests = Math.min(...added.map((tool) => use.offered.get(tool) ?? 0));
  const needed = added.find((tool) => use.called.has(tool));
  if (needed !== undefined) return failed(`${needed} was called in run ${use.lastCaller.get(needed) ?? ''}`);
  if (requests < leastRequests)
    return failed(`only ${requests} requests that were held out were offered them`);
  return {
    passed: true,
    why: `none of them was called in ${requests} requests that were held out: needed in ${percent(neverIn(requests))} at most`,
    figures: [
      { name: 'called', before: null, after: 0, samples: requests },
      { name: 'use_at_most', before: null, after: rounded(neverIn(requests)), samples: requests },
    ],
    gain: spared(route, added, { use, look }),
  };
}

function failed(why: string): Examination {
  return { passed: false, why, figures: [], gain: { microUsdPerDay: 0, secondsPerDay: 0 } };
}
