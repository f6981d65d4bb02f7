import { z } from 'zod';
import type { PluginMigration, StoreRunOptions, StoreStatement } from '../contract.ts';

// What a guest says of its tables, bounded as everything that comes from there. See arrivals.ts; what the texts may be is
// checked where it is for everybody.

export const migrations: z.ZodType<{ handle: number; migrations: PluginMigration[] }> = z.object({
  handle: z.number().int().nonnegative(),
  migrations: z
    .array(z.object({ number: z.number(), name: z.string().max(200), sql: z.string().max(2_000_000) }))
    .max(1_000),
});

const seq = z.number().int().nonnegative();

export const run: z.ZodType<{ statements: StoreStatement[]; options: StoreRunOptions }> = z.object({
  statements: z
    .array(
      z.object({ sql: z.string().max(200_000), values: z.exactOptional(z.array(z.unknown()).max(65_535)) }),
    )
    .max(1_000),
  options: z.object({
    timeoutMs: z.exactOptional(z.number()),
    cursor: z.exactOptional(z.object({ consumer: z.string().min(1).max(200), seq })),
    claim: z.exactOptional(z.object({ ticketId: seq, fence: seq })),
  }),
});
