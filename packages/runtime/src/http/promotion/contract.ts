import { z } from 'zod';
import { risks } from '../../capability/contract.ts';
import { proposalApplications, proposalDecisions } from '../../promotion/contract.ts';
import { mutationSchema, reasonSchema } from '../words/contract.ts';

export { proposalApplications, proposalDecisions };

const iso = z.string();

/** What was measured, before and after; null where it was not. */
const figureSchema = z.object({
  name: z.string(),
  before: z.number().nullable(),
  after: z.number().nullable(),
  /** On how many. */
  samples: z.number(),
});

/** What a change saves: millionths of a dollar, and seconds, a day. */
const gainSchema = z.object({ microUsdPerDay: z.number(), secondsPerDay: z.number() });

/** One line of what would be other; null where nothing stood, or nothing will. */
const changeLineSchema = z.object({
  path: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});

/** A proposal with its two states: what the operator made of it, and how far its change got. */
export const promotionSchema = z.object({
  id: z.number(),
  loop: z.string(),
  /** The same for the same repetition, whatever cycle found it. */
  fingerprint: z.string(),
  revision: z.number(),
  /** Of exactly what would be applied: an approval names it. */
  digest: z.string(),
  decision: z.enum(proposalDecisions),
  application: z.enum(proposalApplications),
  title: z.string(),
  why: z.string(),
  risk: z.enum(risks),
  change: z.object({ kind: z.string(), key: z.string(), value: z.unknown() }),
  evidence: z.object({
    size: z.number(),
    samples: z.array(z.object({ text: z.string(), ref: z.string() })),
  }),
  baseline: z.array(figureSchema),
  expected: gainSchema,
  /** On the part of history that the loop did not see. */
  examination: z.object({
    passed: z.boolean(),
    why: z.string(),
    figures: z.array(figureSchema),
    gain: gainSchema,
  }),
  proposedAt: iso,
  expiresAt: iso,
  decidedAt: iso.nullable(),
  decidedBy: z.string().nullable(),
  appliedAt: iso.nullable(),
  /** Until then it can be rolled back by itself; null before it is applied and after it is kept. */
  trialUntil: iso.nullable(),
  /** What the trial has shown until now. */
  measure: z
    .object({
      verdict: z.enum(['better', 'no_worse', 'worse', 'unclear']),
      why: z.string(),
      figures: z.array(figureSchema),
      gain: gainSchema,
    })
    .nullable(),
  measuredAt: iso.nullable(),
  supersededBy: z.number().nullable(),
});

/** One thing that was done about a proposal, by whom, and why. */
const promotionStepSchema = z.object({
  ordinal: z.number(),
  at: iso,
  actor: z.string(),
  reason: z.string(),
  decision: z.enum(proposalDecisions),
  application: z.enum(proposalApplications),
  revision: z.number(),
});

/** All there is to know of one before a word is said about it. */
export const promotionDetailSchema = promotionSchema.extend({
  lines: z.array(changeLineSchema),
  blastRadius: z.string(),
  /** Why it could not be applied now. */
  refusal: z.string().nullable(),
  /** What would stand there after a rollback; null: what ships, or what the operator wrote. */
  rollbackTo: z.object({ value: z.unknown(), revision: z.number() }).nullable(),
  steps: z.array(promotionStepSchema),
  revisions: z.array(z.object({ revision: z.number(), digest: z.string(), at: iso })),
  /** The one command that leads on from here; null where there is nothing to do. */
  next: z.string().nullable(),
});

/** What is other between two revisions of one proposal. */
export const promotionDiffSchema = z.object({
  from: z.number(),
  to: z.number(),
  lines: z.array(changeLineSchema),
});

/** What one cycle of a loop came to. */
export const promotionRunSchema = z.object({
  loop: z.string(),
  at: iso,
  durationMs: z.number(),
  outcome: z.enum(['ok', 'failed', 'refused']),
  error: z.string().nullable(),
  /** Rows of history that it read. */
  observed: z.number(),
  drafts: z.number(),
  /** New ones, and new revisions of ones that wait. */
  proposed: z.number(),
  /** Known already, with nothing new about them. */
  unchanged: z.number(),
  refused: z.array(z.object({ title: z.string(), why: z.string() })),
  /** What the operator should know, which no change would mend. */
  notes: z.array(z.object({ key: z.string(), text: z.string() })),
});

export const promotionLoopSchema = z.object({
  name: z.string(),
  plugin: z.string(),
  means: z.string(),
  kinds: z.array(z.string()),
  settings: z.object({
    enabled: z.boolean(),
    everyHours: z.number(),
    windowDays: z.number(),
    expiryDays: z.number(),
    trialHours: z.number(),
    applyLowRisk: z.boolean(),
  }),
  lastRun: promotionRunSchema.nullable(),
  /** Null while it is switched off. */
  nextRunAt: iso.nullable(),
});

/** The exact content that is agreed to: another one has another digest. */
export const promotionApproveSchema = mutationSchema.extend({
  revision: z.number().int().positive(),
  digest: z.string().min(1).max(200),
});
export const promotionDeedSchema = mutationSchema;
/** Without them it is what stands there now that is refused. */
export const promotionRejectSchema = promotionApproveSchema.partial({ revision: true, digest: true });
/** It takes no key: whoever starts a cycle twice has what repeats proposed once. */
export const promotionRunRequestSchema = reasonSchema;
