import type { ModelSpec, ModelTier, ReasonRoute } from '@kora/runtime/plugin';

/** What in a question may earn it a larger model than the smallest. */
export const signals = [
  'decision_language',
  'critical',
  'verdict',
  'long_question',
  'long_quoted',
  'acting_tools',
  'route',
] as const;
export type Signal = (typeof signals)[number];

/** Why a first answer was not good enough to leave it at that. */
export const weaknesses = ['low_confidence', 'short_answer', 'claims_unproven', 'no_verdict'] as const;
export type Weakness = (typeof weaknesses)[number];

export interface RouterConfig {
  /** What the operator writes before a question, and the tier that asks for. */
  readonly prefixes: Readonly<Record<string, ModelTier>>;
  /** The same, followed by the name of a model. */
  readonly modelPrefix: string;
  /** Where what stands before a question is the operator's word. On any other route it is text like the rest. */
  readonly operatorRoutes: readonly ReasonRoute[];
  /** Words and phrases of questions that are about deciding. Literal: nothing in them is a pattern. */
  readonly decisionPhrases: readonly string[];
  /** Words and phrases of answers that are not sure of themselves. */
  readonly doubtPhrases: readonly string[];
  /** What each signal counts; `route` is counted by `routes`. */
  readonly weights: Readonly<Record<Exclude<Signal, 'route'>, number>>;
  /** What a question counts for where it comes from. */
  readonly routes: Readonly<Partial<Record<ReasonRoute, number>>>;
  /** Scores from which on a tier is earned. */
  readonly standardFrom: number;
  readonly largeFrom: number;
  /** Characters from which on a question, or all that is quoted to it, is long. */
  readonly longQuestion: number;
  readonly longQuoted: number;
  /** Whether a weak first answer is thought through once more by the next larger model. */
  readonly escalate: boolean;
  /** An answer of fewer characters than this is weak, to a question of more than that. */
  readonly shortAnswer: { readonly below: number; readonly toMoreThan: number };
  /** A verdict that says it is less sure of itself than this, 0 to 1, is weak. */
  readonly unsureBelow: number;
}

/** What the operator asked for before the question. */
export interface Override {
  /** As configured: `/large`, `/model`. */
  readonly prefix: string;
  readonly tier: ModelTier | null;
  /** The name behind `/model`, as it was written. */
  readonly model: string | null;
}

/** Which model, and why. */
export interface Choice {
  /** Null: no model may be called, `reason` says why. */
  readonly model: ModelSpec | null;
  readonly tier: ModelTier | null;
  /**
   * `cost_ladder_halted`, `cost_deferred:<rung>`, `no_model`; `cost_clamp:<rung>`; `operator_override:<prefix>`,
   * `override_unknown`; `earned:<signals>`; `default_<tier>`; `escalated:<weakness>`.
   */
  readonly reason: string;
  /** The tier that was asked for or earned, before the ladder of spend and what is configured had their say. */
  readonly wanted: ModelTier;
  readonly score: number;
  readonly signals: readonly Signal[];
  readonly override: Override | null;
  /** The question without the operator's prefix: what a model is to be sent. */
  readonly text: string;
}
