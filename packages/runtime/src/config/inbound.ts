import { z } from 'zod';

/** What comes in over channels. */
export const inboundSchema = z
  .strictObject({
    /** Conversations that one runtime handles at once. */
    concurrency: z.number().int().min(1).max(64).default(8),
    /** What others than the operator wrote: refused and forgotten, or a ticket that is not believed. */
    untrusted: z.enum(['refuse', 'ticket']).default('refuse'),
    /** How long what was said is kept once it was handled. What it is known by is kept a year. */
    keepDays: z.number().int().min(1).max(3_650).default(30),
  })
  .prefault({});
