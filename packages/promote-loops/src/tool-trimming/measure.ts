import type { ChangeSet, HistoryLook, Measure, PromotionContext } from '@kora/runtime/plugin';
import { figure } from '../figures/figure.ts';
import { atLeast, shareOf } from '../figures/share.ts';
import type { Share } from '../figures/share.ts';
import { daysOf } from '../figures/span.ts';
import { verdictOf, watchMean, watchShare } from '../figures/verdict.ts';
import type { Watched } from '../figures/verdict.ts';
import { everyRow } from '../reading/pages.ts';
import { trimmedSchema } from './trimmed.ts';
import { RouteUse, usesOf } from './use.ts';

/** Requests since, without which nothing is said. */
const leastRequests = 20;
/** The share of requests that may miss a tool, by the least that it is likely to be. */
const mayMiss = 0.005;

/** What going without them has done: what was asked for in vain, what was left incomplete, what a request costs. */
export async function measureTrimming(
  past: PromotionContext,
  { key, value }: ChangeSet,
  {
    looks,
    signal,
  }: {
    readonly looks: { readonly before: HistoryLook; readonly since: HistoryLook };
    readonly signal: AbortSignal;
  },
): Promise<Measure> {
  const { without } = trimmedSchema.parse(value);
  const before = (await usesOf(past, { look: looks.before, signal })).uses.get(key) ?? new RouteUse();
  const since = (await usesOf(past, { look: looks.since, signal })).uses.get(key) ?? new RouteUse();
  const missing = await missedBy(past, { route: key, without }, { look: looks.since, signal });
  const missed: Share = { hits: Math.min(missing, since.requests), of: since.requests };
  const broken = (use: RouteUse): Share => ({ hits: use.broken, of: use.requests });
  const sparedUsd = (before.cost.mean ?? 0) - (since.cost.mean ?? before.cost.mean ?? 0);
  const watched: readonly Watched[] = [
    {
      what: `requests that asked for what they were not offered (${missing})`,
      turn: missed.hits > 1 && atLeast(missed) > mayMiss ? 'worse' : 'same',
      isAim: false,
    },
    watchShare('requests left incomplete', [broken(before), broken(since)], { shouldGo: 'down' }),
    watchMean('cost of a request', [before.cost, since.cost], { mayRise: 0.25, isAim: true }),
  ];
  return {
    ...verdictOf(watched, { samples: since.requests, atLeast: leastRequests }),
    figures: [
      { name: 'not_advertised', before: null, after: missing, samples: since.requests },
      figure('incomplete', [shareOf(broken(before)), shareOf(broken(since))], since.requests),
      figure('cost_per_question_micro_usd', [before.cost.mean, since.cost.mean], since.requests),
      figure('tools_offered', [before.offered.size, since.offered.size], since.requests),
    ],
    gain: {
      microUsdPerDay: Math.round((sparedUsd * since.requests) / daysOf(looks.since)),
      secondsPerDay: 0,
    },
  };
}

/** Runs of the route that asked for one of the tools and were told that they do not have it. */
async function missedBy(
  { history }: PromotionContext,
  { route, without }: { readonly route: string; readonly without: readonly string[] },
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<number> {
  const gone = new Set(without);
  const runs = new Set<string>();
  await everyRow(
    (query) => history.toolCalls(query),
    { look },
    {
      signal,
      visit: (row) => {
        const isMissed = row.route === route && row.status === 'not_advertised' && gone.has(row.tool);
        // More than these are as many as are needed to call it worse.
        if (isMissed && runs.size < 10_000) runs.add(row.runId);
      },
    },
  );
  return runs.size;
}
