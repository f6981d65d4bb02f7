import type { HistoryLook, ModelTier, PastEvent, PastQuestion, PromotionContext } from '@kora/runtime/plugin';
import { z } from 'zod';
import { Tally } from '../figures/tally.ts';
import { everyRow } from '../reading/pages.ts';

const tiers: readonly ModelTier[] = ['small', 'standard', 'large'];
const tier = z.enum(['small', 'standard', 'large']);
/** Sets of signals that are told apart. */
const mostSignals = 256;

/** Requests that earned their model by the same signals. */
interface Earned {
  readonly tier: ModelTier;
  readonly cost: Tally;
}

/** What became of first answers of one tier that were weak, and of the operator's word against the router. */
interface Labels {
  /** A larger model said the same: the escalation was for nothing. */
  agreed: number;
  /** It said something else: the first was too small. */
  disagreed: number;
}

/** How requests of one route were routed, and how that turned out. A request is one, however many calls it took. */
export class RouteOutcomes {
  requests = 0;
  broken = 0;
  readonly cost = new Tally();
  /** Costs of requests that one tier answered, as the router chose or the operator said. */
  readonly costOf: Readonly<Record<ModelTier, Tally>> = {
    small: new Tally(),
    standard: new Tally(),
    large: new Tally(),
  };
  /** Requests that the smallest was asked first and that were left at that. */
  small = 0;
  readonly earned = new Map<string, Earned>();
  readonly escalated = new Tally();
  /** By the tier that was asked first. */
  readonly labels: Readonly<Record<ModelTier, Labels>> = {
    small: { agreed: 0, disagreed: 0 },
    standard: { agreed: 0, disagreed: 0 },
    large: { agreed: 0, disagreed: 0 },
  };
  /** Escalations of answers that were short, and nothing else. */
  readonly short: Labels = { agreed: 0, disagreed: 0 };
  /** The operator asked for this tier; and where that left the question unanswered. */
  readonly asked: Readonly<Record<ModelTier, { count: number; broken: number }>> = {
    small: { count: 0, broken: 0 },
    standard: { count: 0, broken: 0 },
    large: { count: 0, broken: 0 },
  };
  readonly samples: { readonly text: string; readonly ref: string }[] = [];

  add({ runId, routing, tier, status, costMicroUsd, text }: PastQuestion): void {
    const reason = routing ?? '';
    this.requests += 1;
    this.cost.add(costMicroUsd);
    const isBroken = status !== 'answered';
    if (isBroken) this.broken += 1;
    if (reason.startsWith('escalated:')) this.escalated.add(costMicroUsd);
    else if (tier !== null) this.costOf[tier].add(costMicroUsd);
    if (reason === 'default_small') this.small += 1;
    if (reason.startsWith('operator_override:') && tier !== null) {
      this.asked[tier].count += 1;
      if (isBroken) this.asked[tier].broken += 1;
    }
    if (reason.startsWith('earned:') && tier !== null) this.#earn(reason.slice(7), tier, costMicroUsd);
    const isTelling = reason.startsWith('escalated:') || reason.startsWith('operator_override:');
    if (isTelling && this.samples.length < 20)
      this.samples.push({ text: `${reason}: ${text.slice(0, 160)}`, ref: `run ${runId}` });
  }

  #earn(signals: string, tier: ModelTier, costMicroUsd: number): void {
    const known = this.earned.get(signals);
    if (known === undefined && this.earned.size >= mostSignals) return;
    const earned = known ?? { tier, cost: new Tally() };
    this.earned.set(signals, earned);
    // The same signals are the same tier, but for what was changed in between.
    if (earned.tier === tier) earned.cost.add(costMicroUsd);
  }
}

const escalatedSchema = z.object({
  route: z.string(),
  why: z.string(),
  first_tier: tier,
  agreement: z.number().nullable(),
});

/** How requests were routed and how that turned out, by route; in bounded memory. */
export async function outcomesOf(
  { history }: PromotionContext,
  {
    look,
    signal,
    agreeAt,
  }: { readonly look: HistoryLook; readonly signal: AbortSignal; readonly agreeAt: number },
): Promise<{ readonly outcomes: ReadonlyMap<string, RouteOutcomes>; readonly observed: number }> {
  const outcomes = new Map<string, RouteOutcomes>();
  const of = (route: string): RouteOutcomes => {
    const known = outcomes.get(route) ?? new RouteOutcomes();
    outcomes.set(route, known);
    return known;
  };
  const questions = await everyRow(
    (query) => history.questions(query),
    { look },
    {
      signal,
      visit: (row: PastQuestion) => {
        if (row.by !== 'phrasebook' && row.calls > 0) of(row.route).add(row);
      },
    },
  );
  const events = await everyRow(
    (query) => history.events({ ...query, types: ['reasoning.escalated'], splitBy: 'run_id' }),
    { look },
    { signal, visit: (event: PastEvent) => label(event, { of, agreeAt }) },
  );
  return { outcomes, observed: questions + events };
}

function label(
  { payload }: PastEvent,
  { of, agreeAt }: { readonly of: (route: string) => RouteOutcomes; readonly agreeAt: number },
): void {
  const parsed = escalatedSchema.safeParse(payload);
  // Without a second answer nobody knows whether the first was right.
  if (!parsed.success || parsed.data.agreement === null) return;
  const { route, why, first_tier: first, agreement } = parsed.data;
  const outcome = of(route);
  const kind = agreement >= agreeAt ? 'agreed' : 'disagreed';
  outcome.labels[first][kind] += 1;
  if (why === 'short_answer') outcome.short[kind] += 1;
}

/** The next tier up; null of the largest. */
export function larger(tier: ModelTier): ModelTier | null {
  return tiers[tiers.indexOf(tier) + 1] ?? null;
}

/** The next tier down; null of the smallest. */
export function smaller(tier: ModelTier): ModelTier | null {
  return tiers[tiers.indexOf(tier) - 1] ?? null;
}

/** How often the operator asked for a smaller tier than this, or for a larger one. */
export function askedFor(
  { asked }: RouteOutcomes,
  side: 'smaller' | 'larger',
  than: ModelTier,
): { readonly count: number; readonly broken: number } {
  const at = tiers.indexOf(than);
  const of = side === 'smaller' ? tiers.slice(0, at) : tiers.slice(at + 1);
  return of.reduce(
    (sum, each) => ({ count: sum.count + asked[each].count, broken: sum.broken + asked[each].broken }),
    { count: 0, broken: 0 },
  );
}
