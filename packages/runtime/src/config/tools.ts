import { z } from 'zod';

/** The `tools` block: what whoever thinks may do with the runtime's own tools. */
export const toolsSchema = z
  .strictObject({
    /** Messages to the operator in an hour, whoever thinks; 0 is none. */
    messagesPerHour: z.number().int().min(0).max(1_000).default(5),
    /** Tickets added in an hour. */
    ticketsPerHour: z.number().int().min(0).max(10_000).default(20),
  })
  .prefault({});
