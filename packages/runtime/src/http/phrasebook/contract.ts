import { z } from 'zod';
import { mutationSchema } from '../words/contract.ts';

const iso = z.string();

/** One known question and what is said to it; null leaves it to whoever thinks. */
const entrySchema = z.object({
  pattern: z.string(),
  reply: z.string().nullable(),
  category: z.string(),
  description: z.string(),
});

const originSchema = z.enum(['operator', 'base', 'learned']);

/** Which proposal an entry comes from; of what was learned alone. */
const learnedSchema = z
  .object({ proposalId: z.number(), revision: z.number(), onTrial: z.boolean() })
  .optional();

export const phrasebookVersionSchema = z.object({
  version: z.number(),
  kind: z.enum(['base', 'edit', 'revert', 'proposal']),
  at: iso,
  by: z.string(),
  reason: z.string(),
  revertedTo: z.number().nullable(),
  proposal: z.string().nullable(),
  overlayEntries: z.number(),
  baseEntries: z.number(),
});

/** A version whole: the entries in the order in which they are asked, and the operator's own as they are written. */
export const phrasebookSchema = phrasebookVersionSchema.extend({
  /** Whether it is the one that answers now. */
  inForce: z.boolean(),
  entries: z.array(
    entrySchema.extend({
      index: z.number(),
      origin: originSchema,
      learned: learnedSchema,
      /** Why it is not used; null where it is. */
      problem: z.string().nullable(),
    }),
  ),
  overlay: z.array(entrySchema),
});

const foundSchema = z.object({
  index: z.number(),
  origin: originSchema,
  entry: entrySchema,
  learned: learnedSchema,
});

/** What came of looking a text up. */
export const phrasebookLookupSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('answered'), text: z.string(), entry: foundSchema }),
  z.object({ outcome: z.literal('unmatched') }),
  z.object({ outcome: z.literal('left'), entry: foundSchema }),
  /** `missing` is the placeholder that is not known, or not fresh. */
  z.object({ outcome: z.literal('unknown'), entry: foundSchema, missing: z.string() }),
]);

export const phrasebookTestSchema = z.object({ version: z.number(), lookup: phrasebookLookupSchema });

/** What other entries would change about the questions that were asked. */
export const phrasebookPreviewSchema = z.object({
  questions: z.number(),
  answeredBefore: z.number(),
  answeredAfter: z.number(),
  changes: z.array(
    z.object({
      text: z.string(),
      times: z.number(),
      lastAt: iso,
      before: phrasebookLookupSchema,
      after: phrasebookLookupSchema,
    }),
  ),
});

/** As the operator writes it; what is wrong with it is said entry by entry. */
const overlaySchema = z.array(z.unknown()).max(1_000);
const version = z.number().int().positive();

export const phrasebookPreviewRequestSchema = z.strictObject({
  overlay: overlaySchema,
  limit: z.number().int().min(1).max(10_000).optional(),
});
export const phrasebookEditSchema = mutationSchema.extend({
  overlay: overlaySchema,
  /** The version that whoever writes has read. */
  expectedVersion: version.optional(),
});
/** Left out, `to` is what was before the last change. */
export const phrasebookRevertSchema = mutationSchema.extend({ to: version.optional() });
