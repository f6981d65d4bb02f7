import { z } from 'zod';

export const tasksSchema = z
  .strictObject({
    /** Days that a run of a periodic task is remembered; how often it ran and failed is kept for good. */
    keepDays: z.number().int().min(1).max(36_500).default(7),
    /** Of each task, at most so many runs, whatever their age. */
    keepRuns: z.number().int().min(1).max(1_000_000).default(1_000),
  })
  .prefault({});
