import { z } from 'zod';

/** The latest backup that this runtime was asked for, as far as it is. */
export const backupStatusSchema = z.object({
  state: z.enum(['none', 'running', 'done', 'failed']),
  directory: z.string().nullable(),
  /** Progress so far, oldest first. */
  lines: z.array(z.string()),
  report: z
    .object({
      directory: z.string(),
      createdAt: z.string(),
      rows: z.number(),
      bytes: z.number(),
      ends: z.array(
        z.object({ workspaceId: z.number(), workspace: z.string(), seq: z.number(), hash: z.string() }),
      ),
      epoch: z.number(),
    })
    .nullable(),
  problem: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
});

/** A folder on the runtime's machine; absolute. */
export const backupRequestSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .max(4_000)
    .refine((path) => !path.includes('\0')),
});

export const epochSchema = z.object({ epoch: z.number() });
