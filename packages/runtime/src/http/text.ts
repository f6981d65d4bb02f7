import { z } from 'zod';

/** Text that a column of the store can hold as it is. */
export function storableText(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !text.includes('\0'), 'holds a NUL character');
}
