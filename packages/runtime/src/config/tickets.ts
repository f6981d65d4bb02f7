import { z } from 'zod';

export const ticketsSchema = z
  .strictObject({
    /** Days after its end that a ticket is kept, with its attempts, notes and operations; the event log keeps what happened. */
    keepDays: z.number().int().min(1).max(36_500).default(400),
  })
  .prefault({});
