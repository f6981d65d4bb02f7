import { z } from 'zod';
import { mutationSchema, storableText } from '../words/contract.ts';

const iso = z.string();

/** Something that waits for the operator's word. */
export const waitingDecisionSchema = z.object({
  decisionId: z.number(),
  /** `approval`, `ticket`, `drill`. */
  kind: z.string(),
  /** What it is about, by the words of its kind: the number of an approval, of a ticket. */
  subject: z.string(),
  asker: z.string(),
  title: z.string(),
  askedAt: iso,
  expiresAt: iso,
  status: z.enum(['open', 'answered', 'expired', 'withdrawn']),
  verdict: z.enum(['approve', 'deny']).nullable(),
  endedAt: iso.nullable(),
  answeredBy: z.string().nullable(),
  /** The channel over which, or `api`. */
  answeredVia: z.string().nullable(),
  note: z.string().nullable(),
});

/** By its number, or by a code that a message carried. */
export const decisionAnswerSchema = z
  .strictObject({
    decisionId: z.number().int().positive().optional(),
    code: z.string().min(1).max(40).optional(),
    verdict: z.enum(['approve', 'deny']),
    /** Why; it goes to whoever asked. */
    note: storableText(2_000).optional(),
  })
  .refine((wish) => (wish.decisionId === undefined) !== (wish.code === undefined), 'a number or a code');

/** What became of an answer. */
export const decidedSchema = z.object({
  status: z.enum(['answered', 'answered_before', 'over', 'unknown', 'refused']),
  text: z.string(),
});

export const newDrillSchema = mutationSchema.extend({
  /** How long each channel has before the next one is tried, milliseconds. */
  waitMs: z.number().int().min(1_000).max(3_600_000).default(60_000),
});
export const drillSchema = z.object({
  decisionId: z.number(),
  channels: z.array(z.string()),
  waitMs: z.number(),
});
