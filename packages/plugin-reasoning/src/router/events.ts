import { classified, modelTiers } from '@kora/runtime/plugin';
import type { EngineRequest, EventDraft, EventType } from '@kora/runtime/plugin';
import { z } from 'zod';
import { agreementOf } from './agreement.ts';
import type { Routing } from '../contract.ts';
import { weaknesses } from './contract.ts';
import { overridePrefix } from './choose.ts';

const payload = classified({
  public: {
    run_id: z.string(),
    route: z.string(),
    why: z.enum(weaknesses),
    /** Why the first model was chosen. */
    first_reason: z.string(),
    first_model: z.string(),
    first_tier: z.enum(modelTiers),
    model: z.string(),
    tier: z.enum(modelTiers),
    /** Share of words that both answers use; null when there was no second one. */
    agreement: z.number().min(0).max(1).nullable(),
    /** What the first answer said of itself, 0 to 1; null where no verdict was asked for. */
    confidence: z.number().nullable().optional(),
    /** What the question scored. */
    score: z.number().optional(),
  },
}).strict();

/** What a first answer's weakness led to: what the router's thresholds are to be judged by. */
export const escalated: EventType<z.infer<typeof payload>> = {
  type: 'reasoning.escalated',
  version: 1,
  payload,
  means: 'A first answer was weak, and the next larger model thought it through once more.',
};

interface Escalation {
  readonly first: Routing;
  readonly firstText: string;
  /** Of the first answer, where it was a verdict. */
  readonly confidence?: number | undefined;
  readonly second: Routing;
  /** Null when the second model came to no answer. */
  readonly secondText: string | null;
}

/** The event of one escalation; null where there was none. */
export function escalatedDraft(
  { runId, route, ticket }: Pick<EngineRequest, 'runId' | 'route' | 'ticket'>,
  { first, firstText, confidence, second, secondText }: Escalation,
): EventDraft | null {
  const why = weaknesses.find((each) => second.reason === `escalated:${each}`);
  if (why === undefined) return null;
  return {
    type: escalated.type,
    payload: {
      run_id: runId,
      route,
      why,
      first_reason: first.reason,
      first_model: first.model.name,
      first_tier: first.model.tier,
      model: second.model.name,
      tier: second.model.tier,
      agreement: secondText === null ? null : agreementOf(firstText, secondText),
      confidence: confidence ?? null,
      score: first.score,
    },
    ...(ticket === null ? {} : { ticketId: ticket.ticketId }),
  };
}

/** The event of an operator's word that was taken; null where there was none. */
export function overrideDraft({ route }: Pick<EngineRequest, 'route'>, routing: Routing): EventDraft | null {
  if (!routing.reason.startsWith(overridePrefix)) return null;
  return {
    type: 'reasoning.override_applied',
    payload: {
      route,
      model: routing.model.name,
      source: routing.reason.slice(overridePrefix.length),
      reason: routing.text.slice(0, 200),
    },
  };
}
