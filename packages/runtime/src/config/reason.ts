import { z } from 'zod';

/** The `reason` block. */
export const reasonSchema = z
  .strictObject({
    /** Which engine thinks, where plugins bring several. */
    engine: z.string().min(1).optional(),
    /** Days that what was asked, sent and answered is kept; what it took is kept for good. */
    keepDays: z.number().int().min(1).max(3_650).default(30),
  })
  .prefault({});
