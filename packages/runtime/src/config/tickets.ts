import { z } from 'zod';

export const ticketsSchema = z
  .strictObject({
    /** Days after its end that a ticket is kept, with its attempts, notes and operations; the event log keeps what happened. */
    keepDays: z.number().int().min(1).max(36_500).default(400),
    /** Attempts of one ticket in one epoch of the store after which it waits for the operator, and only critical work is claimed. */
    retryCeiling: z.number().int().min(1).max(1_000_000).default(10),
  })
  .prefault({});
