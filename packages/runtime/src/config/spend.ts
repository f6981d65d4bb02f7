import { z } from 'zod';

/** The `spend` block. */
export const spendSchema = z
  .strictObject({
    /** Dollars that models may cost in a calendar month, in UTC; to the millionth. */
    poolUsd: z.number().min(0.000_001).max(1_000_000_000).default(200),
  })
  .prefault({});
