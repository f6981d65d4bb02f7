import type { HistoryLook, Observed, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { figure } from '../figures/figure.ts';
import { percent } from '../figures/round.ts';
import { shareOf } from '../figures/share.ts';
import { perDay } from '../figures/span.ts';
import { bestMove } from './moves.ts';
import type { Found } from './moves.ts';
import { outcomesOf } from './outcomes.ts';
import type { RouteOutcomes } from './outcomes.ts';
import { parametersKind, routesOf } from './parameters.ts';
import type { RoutedNow } from './parameters.ts';
import type { Move } from './replay.ts';
import type { RouterTuningSettings } from './settings.ts';

/** For every route the one number that history says should be other, where there is one. */
export async function observeRouting(
  past: PromotionContext,
  settings: RouterTuningSettings,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Observed> {
  const routes = routesOf(await past.places(parametersKind));
  const { outcomes, observed } = await outcomesOf(past, { look, signal, agreeAt: settings.agreeAt });
  const drafts = [...routes.values()]
    .toSorted((one, other) => (one.route < other.route ? -1 : 1))
    .flatMap((now) => {
      const outcome = outcomes.get(now.route);
      const found = outcome === undefined ? null : bestMove(outcome, now, settings);
      return outcome === undefined || found === null ? [] : [draftOf(found, { now, outcome, look })];
    });
  return { observed, drafts };
}

/** What a move is of a place's value: the rest of what was learned there stays. */
function valueOf({ parameter, to }: Move, { learned }: RoutedNow): Readonly<Record<string, unknown>> {
  return { ...learned, [parameter]: parameter === 'shortAnswer' ? { below: to } : to };
}

function draftOf(
  { move, replay }: Found,
  {
    now,
    outcome,
    look,
  }: { readonly now: RoutedNow; readonly outcome: RouteOutcomes; readonly look: HistoryLook },
): ProposalDraft {
  const { route } = now;
  const { parameter, to, direction } = move;
  const { affected, labels, savedMicroUsd, wrongNow, wrongThen } = replay;
  const from = parameter === 'shortAnswer' ? 'what it is' : `${now[parameter]}`;
  return {
    // Which number and which way: by how much is a new revision of the same proposal.
    identity: { route, parameter, direction },
    change: { kind: parametersKind, key: route, value: valueOf(move, now) },
    title: `router on ${route}: ${parameter === 'shortAnswer' ? 'short answers are left at that' : `${parameter} from ${from} to ${to}`}`,
    why: [
      `${affected} of ${outcome.requests} requests would have been routed otherwise, for ${Math.round(savedMicroUsd)} micro-dollars less.`,
      `Wrong model now: ${percent(shareOf(wrongNow) ?? 0)} of ${wrongNow.of}; then: ${percent(shareOf(wrongThen) ?? 0)} of ${wrongThen.of}.`,
      `It rests on ${labels} escalations and words of the operator.`,
    ].join('\n'),
    evidence: { size: labels, samples: outcome.samples },
    baseline: [
      figure('wrong_tier', [shareOf(wrongNow), shareOf(wrongThen)], wrongNow.of),
      figure('cost_per_question_micro_usd', [outcome.cost.mean, null], outcome.requests),
      figure('escalated', [outcome.escalated.count / outcome.requests, null], outcome.requests),
    ],
    expected: { microUsdPerDay: Math.round(perDay(savedMicroUsd, look)), secondsPerDay: 0 },
  };
}
