import type { Gain, HistoryLook, Observed, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { percent, rounded } from '../figures/round.ts';
import { neverIn } from '../figures/share.ts';
import { perDay } from '../figures/span.ts';
import type { ToolTrimmingSettings } from './settings.ts';
import { trimmableRoutes, trimmedKind } from './trimmed.ts';
import type { TrimmableRoute } from './trimmed.ts';
import { usesOf } from './use.ts';
import type { RouteUse } from './use.ts';

/** Characters of English or of JSON that are about one token. Forecasts alone rest on it; what was spared is measured. */
const charactersOfToken = 4;

/** For every route, what it was offered often and never called. */
export async function observeUse(
  past: PromotionContext,
  settings: ToolTrimmingSettings,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Observed> {
  const routes = trimmableRoutes(await past.places(trimmedKind));
  const { uses, observed } = await usesOf(past, { look, signal });
  const drafts = [...routes.values()]
    .toSorted((one, other) => (one.route < other.route ? -1 : 1))
    .flatMap((route) => draftOf(route, uses.get(route.route), { settings, look }) ?? []);
  return { observed, drafts };
}

/** What these tools cost a route in a day: their descriptions, in each call. Nothing where no price is known. */
export function spared(
  { tools, inputMicroUsdPerMillion: price }: TrimmableRoute,
  without: readonly string[],
  { use, look }: { readonly use: RouteUse; readonly look: HistoryLook },
): Gain {
  const characters = without.reduce((sum, tool) => sum + (tools.get(tool) ?? 0), 0);
  const tokens = (characters / charactersOfToken) * use.modelCalls;
  const microUsd = price === null ? 0 : (tokens / 1_000_000) * price;
  return { microUsdPerDay: Math.round(perDay(microUsd, look)), secondsPerDay: 0 };
}

function draftOf(
  route: TrimmableRoute,
  use: RouteUse | undefined,
  { settings, look }: { readonly settings: ToolTrimmingSettings; readonly look: HistoryLook },
): ProposalDraft | null {
  if (use === undefined) return null;
  const unused = [...route.tools]
    .filter(([tool]) => isUnused(tool, use, settings))
    // Where not all of them may go, those with the longest description go first.
    .toSorted(([one, length], [other, than]) => than - length || (one < other ? -1 : 1))
    .slice(0, Math.max(0, use.offered.size - route.fewest))
    .map(([tool]) => tool)
    .toSorted();
  if (unused.length === 0) return null;
  const without = [...new Set([...route.without, ...unused])].toSorted();
  const fewest = Math.min(...unused.map((tool) => use.offered.get(tool) ?? 0));
  const characters = unused.reduce((sum, tool) => sum + (route.tools.get(tool) ?? 0), 0);
  return {
    identity: { route: route.route },
    change: { kind: trimmedKind, key: route.route, value: { without } },
    title: `${route.route} goes without ${unused.length === 1 ? unused[0] : `${unused.length} tools`} that it never called`,
    why: [
      `Offered in ${fewest} requests or more and never called: ${unused.join(', ')}.`,
      `They are needed in ${percent(neverIn(fewest))} of requests at most (95 %); their descriptions are ${characters} characters of every call.`,
    ].join('\n'),
    evidence: { size: fewest, samples: use.samples },
    baseline: [
      { name: 'tools_offered', before: use.offered.size, after: null, samples: use.requests },
      { name: 'use_at_most', before: rounded(neverIn(fewest)), after: null, samples: fewest },
      {
        name: 'cost_per_question_micro_usd',
        before: rounded(use.cost.mean ?? 0),
        after: null,
        samples: use.requests,
      },
    ],
    expected: spared(route, unused, { use, look }),
  };
}

function isUnused(tool: string, use: RouteUse, { minRequests, maxUse }: ToolTrimmingSettings): boolean {
  const offered = use.offered.get(tool) ?? 0;
  return !use.called.has(tool) && offered >= minRequests && neverIn(offered) <= maxUse;
}
