import type { EngineRequest, ModelSpec } from '@kora/runtime/plugin';
import type { FirstAnswer } from '../contract.ts';
import type { Choice, RouterConfig, Weakness } from './contract.ts';
import { overridePrefix } from './choose.ts';
import { saysOneOf } from './phrases.ts';
import { leftOf, nextLarger } from './tiers.ts';

/** Claims of which fewer than this share are proven do not stand. */
const provenShare = 0.5;

/** What makes an answer weak; null for one that stands. */
export function weaknessOf(
  request: Pick<EngineRequest, 'verdict' | 'route'>,
  choice: Pick<Choice, 'text'>,
  answer: FirstAnswer,
  config: RouterConfig,
): Weakness | null {
  if (request.verdict && (answer.claims ?? []).length === 0) return 'no_verdict';
  if (request.verdict && !stands(answer)) return 'claims_unproven';
  const isUnsure = request.verdict && (answer.confidence ?? 1) < config.unsureBelow;
  if (isUnsure || saysOneOf(answer.text, config.doubtPhrases)) return 'low_confidence';
  // Where something was done, or is to be done, few words are no sign: a ticket's answer is the deed.
  const isAboutWords = !request.verdict && request.route !== 'ticket' && answer.toolCalls === 0;
  const { below, toMoreThan } = config.shortAnswer;
  const isShort = answer.text.trim().length < below && choice.text.length > toMoreThan;
  return isAboutWords && isShort ? 'short_answer' : null;
}

/**
 * Who thinks a weak first answer through once more: the next larger model that the ladder leaves, or null. Never after an
 * escalation, nor against the operator's word.
 */
export function escalate(
  request: Pick<EngineRequest, 'rung' | 'highestTier'>,
  first: Choice,
  weakness: Weakness,
  options: { readonly models: readonly ModelSpec[]; readonly config: RouterConfig },
): Choice | null {
  const { models, config } = options;
  if (!config.escalate || first.tier === null || request.highestTier === null) return null;
  if ([overridePrefix, 'escalated:'].some((begin) => first.reason.startsWith(begin))) return null;
  const model = nextLarger(leftOf(models, request.highestTier), first.tier);
  if (model === null) return null;
  return { ...first, model, tier: model.tier, reason: `escalated:${weakness}` };
}

function stands({ claims = [], read }: FirstAnswer): boolean {
  const proven = claims.filter(({ evidence }) => evidence.length > 0 && evidence.every((id) => read.has(id)));
  return proven.length / claims.length >= provenShare;
}
