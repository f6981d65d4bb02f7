import type { Examination, HistoryLook, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { z } from 'zod';
import { figure } from '../figures/figure.ts';
import { percent } from '../figures/round.ts';
import { shareOf } from '../figures/share.ts';
import { perDay } from '../figures/span.ts';
import { whyNot } from './moves.ts';
import { outcomesOf, RouteOutcomes } from './outcomes.ts';
import { parametersKind, routesOf } from './parameters.ts';
import { replay } from './replay.ts';
import type { Move } from './replay.ts';
import type { RouterTuningSettings } from './settings.ts';

/** Requests of the held-out part without which nothing is said. */
const leastRequests = 3;

const identitySchema = z.object({
  parameter: z.enum(['weight', 'largeFrom', 'standardFrom', 'shortAnswer']),
  direction: z.enum(['up', 'down']),
});

/** Replays the move on requests that its proposer never saw: it must save, and no more of them be wrong. */
export async function examineMove(
  past: PromotionContext,
  settings: RouterTuningSettings,
  {
    draft,
    look,
    signal,
  }: { readonly draft: ProposalDraft; readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Examination> {
  const { key, value } = draft.change;
  const now = routesOf(await past.places(parametersKind)).get(key);
  const { outcomes } = await outcomesOf(past, { look, signal, agreeAt: settings.agreeAt });
  const outcome = outcomes.get(key) ?? new RouteOutcomes();
  const move = moveOf(draft.identity, value);
  const replayed = now === undefined ? null : replay(move, outcome, now);
  if (replayed === null || replayed.affected < leastRequests)
    return failed(`only ${replayed?.affected ?? 0} requests that were held out would be routed otherwise`);
  const why = whyNot(move, replayed, settings);
  const { affected, savedMicroUsd, wrongNow, wrongThen } = replayed;
  const percents = [wrongNow, wrongThen].map((share) => percent(shareOf(share) ?? 0));
  return {
    passed: why === null,
    why:
      why ??
      `${affected} requests that were held out would cost ${Math.round(savedMicroUsd)} micro-dollars less; wrong model ${percents.join(', then ')}`,
    figures: [
      figure('wrong_tier', [shareOf(wrongNow), shareOf(wrongThen)], wrongNow.of),
      figure('saved_micro_usd', [null, savedMicroUsd], affected),
    ],
    gain: { microUsdPerDay: Math.round(perDay(savedMicroUsd, look)), secondsPerDay: 0 },
  };
}

function moveOf(identity: unknown, value: unknown): Move {
  const { parameter, direction } = identitySchema.parse(identity);
  if (parameter === 'shortAnswer') return { parameter, to: 0, direction: 'down' };
  const values = z.record(z.string(), z.unknown()).parse(value);
  return { parameter, to: z.number().parse(values[parameter]), direction };
}

function failed(why: string): Examination {
  return { passed: false, why, figures: [], gain: { microUsdPerDay: 0, secondsPerDay: 0 } };
}
