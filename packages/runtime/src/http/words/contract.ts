import { z } from 'zod';

const hasNoNul = (text: string): boolean => !text.includes('\0');

/** Text that a column of the store can hold as it is. */
export const storableText = (max: number): z.ZodString => z.string().min(1).max(max).refine(hasNoNul);

/** Why somebody does something: every mutation of an operator says it. */
export const reasonSchema = z.strictObject({ reason: z.string().trim().pipe(storableText(2_000)) });

/** Chosen by whoever asks. The same key again does nothing again and answers what was done. */
export const idempotencyKeySchema = storableText(200);

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
