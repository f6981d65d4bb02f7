import { z } from 'zod';

/** The `artifacts` block: files that messages and tools carry. */
export const artifactsSchema = z
  .strictObject({
    /** Days a file is kept whose maker says nothing of it. */
    keepDays: z.number().int().min(1).max(400).default(30),
    /** Megabytes that all files of the workspace may have, and those of one plugin. */
    totalMb: z.number().int().min(1).max(1_000_000).default(1_000),
    pluginMb: z.number().int().min(1).max(1_000_000).default(250),
  })
  .prefault({});
