import type { ChangeSet, HistoryLook, Measure, PromotionContext } from '@kora/runtime/plugin';
import { figure } from '../figures/figure.ts';
import { rounded } from '../figures/round.ts';
import { shareOf } from '../figures/share.ts';
import { daysOf } from '../figures/span.ts';
import { Tally } from '../figures/tally.ts';
import { verdictOf, watchMean, watchShare } from '../figures/verdict.ts';
import { everyRow, pagesOf } from '../reading/pages.ts';
import { fieldSchema } from './field.ts';
import { normalInput } from './input.ts';

/** Questions since, without which nothing is said; and snapshots that are looked into. */
const leastQuestions = 30;
const mostSnapshots = 300;

interface Seen {
  /** Questions that a model answered, and those of them that made the call; one that made it twice counts twice. */
  questions: number;
  calls: number;
  broken: number;
  readonly cost: Tally;
  readonly ms: Tally;
}

/** What the field has done: fewer calls of its tool, what a question costs, and whether the collector brings a value. */
export async function measureField(
  past: PromotionContext,
  change: ChangeSet,
  {
    looks,
    signal,
  }: {
    readonly looks: { readonly before: HistoryLook; readonly since: HistoryLook };
    readonly signal: AbortSignal;
  },
): Promise<Measure> {
  const before = await seenIn(past, change, { look: looks.before, signal });
  const since = await seenIn(past, change, { look: looks.since, signal });
  const collected = await collectedIn(past, change, { look: looks.since, signal });
  const calls = [before, since].map(({ calls, questions }) => ({
    hits: Math.min(calls, questions),
    of: questions,
  }));
  const broken = [before, since].map(({ broken, questions }) => ({ hits: broken, of: questions }));
  const [callsBefore, callsSince] = calls as [(typeof calls)[0], (typeof calls)[0]];
  const [brokenBefore, brokenSince] = broken as [(typeof broken)[0], (typeof broken)[0]];
  const failing = { hits: collected.failed, of: collected.snapshots };
  const sparedUsd = (before.cost.mean ?? 0) - (since.cost.mean ?? before.cost.mean ?? 0);
  const sparedMs = (before.ms.mean ?? 0) - (since.ms.mean ?? before.ms.mean ?? 0);
  return {
    ...verdictOf(
      [
        watchShare('calls of the tool', [callsBefore, callsSince], { shouldGo: 'down', isAim: true }),
        watchMean('cost of a question', [before.cost, since.cost], { mayRise: 0.25 }),
        watchShare('questions left incomplete', [brokenBefore, brokenSince], { shouldGo: 'down' }),
        // Without a value the field is a cost and no help.
        {
          what: 'readings without a value',
          turn: failing.of >= 10 && failing.hits * 2 > failing.of ? 'worse' : 'same',
          isAim: false,
        },
      ],
      { samples: since.questions, atLeast: leastQuestions },
    ),
    figures: [
      figure('calls_per_question', [shareOf(callsBefore), shareOf(callsSince)], since.questions),
      figure('cost_per_question_micro_usd', [before.cost.mean, since.cost.mean], since.questions),
      figure('incomplete', [shareOf(brokenBefore), shareOf(brokenSince)], since.questions),
      figure('collector_failed', [null, shareOf(failing)], failing.of),
    ],
    gain: {
      microUsdPerDay: Math.round((sparedUsd * since.questions) / daysOf(looks.since)),
      secondsPerDay: rounded((sparedMs * since.questions) / 1_000 / daysOf(looks.since)),
    },
  };
}

async function seenIn(
  { history }: PromotionContext,
  change: ChangeSet,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Seen> {
  const { tool, input } = fieldSchema.parse(change.value);
  const wanted = normalInput(input);
  const seen: Seen = { questions: 0, calls: 0, broken: 0, cost: new Tally(), ms: new Tally() };
  await everyRow(
    (query) => history.toolCalls(query),
    { look },
    {
      signal,
      visit: (row) => {
        if (row.tool === tool && normalInput(row.input) === wanted) seen.calls += 1;
      },
    },
  );
  await everyRow(
    (query) => history.questions(query),
    { look },
    {
      signal,
      visit: ({ by, status, costMicroUsd, durationMs }) => {
        if (by !== 'engine') return;
        seen.questions += 1;
        if (status !== 'answered') seen.broken += 1;
        seen.cost.add(costMicroUsd);
        seen.ms.add(durationMs);
      },
    },
  );
  return seen;
}

/** How often the snapshots that engines were handed had no value in the field. */
async function collectedIn(
  { history }: PromotionContext,
  { key }: ChangeSet,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<{ readonly snapshots: number; readonly failed: number }> {
  const counted = { snapshots: 0, failed: 0 };
  const query = { look, with: 'snapshot' as const, limit: 100 };
  for await (const rows of pagesOf((query) => history.questions(query), query, signal)) {
    for (const { snapshot } of rows) {
      if (snapshot === null) continue;
      counted.snapshots += 1;
      if (!hasValue(snapshot, key)) counted.failed += 1;
    }
    if (counted.snapshots >= mostSnapshots) break;
  }
  return counted;
}

function hasValue(snapshot: Readonly<Record<string, unknown>>, key: string): boolean {
  const [section = '', field = ''] = key.split('.', 2);
  const within = snapshot[section];
  if (within === null || typeof within !== 'object') return false;
  const value = (within as Readonly<Record<string, unknown>>)[field];
  return value !== null && value !== undefined && value !== 'unknown';
}
