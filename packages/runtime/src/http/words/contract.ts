import { z } from 'zod';

/** No NUL, and no half of a character: a column of text takes neither. */
const isStorable = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

/** Text that a column of the store can hold as it is. */
export const storableText = (max: number): z.ZodString => z.string().min(1).max(max).refine(isStorable);

/** Why somebody does something: every mutation of an operator says it. */
export const reasonSchema = z.strictObject({
  reason: z.string().trim().min(1).max(2_000).refine(isStorable),
});

/** Milliseconds until something ends by itself: ten years at most. */
export const spanSchema = z.number().int().positive().max(315_360_000_000);

/** Chosen by whoever asks. The same key again does nothing again and answers what was done. */
const idempotencyKeySchema = storableText(200);

/** What an operator asks for: with a reason, and once for its key. */
export const mutationSchema = reasonSchema.extend({ idempotencyKey: idempotencyKeySchema.optional() });

export const degradationReasonSchema = z.enum([
  'cost',
  'auth',
  'dispatch',
  'substrate',
  'migration',
  'operator',
  'token_expiring',
  'retry_ceiling',
]);
