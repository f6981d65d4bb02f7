import { z } from 'zod';
import { reasonRoutes, sideEffects } from '../contract.ts';
import type { ReasonRoute, SideEffects, ToolAnswer } from '../contract.ts';
import type { JsonSchema } from '../json-schema.ts';

// What a guest says of its tools, bounded as everything that comes from there. See arrivals.ts.

const name = z.string().min(1).max(200);
const count = z.number().int().positive();

export interface ToolArrival {
  /** Under which it is called back. */
  readonly handle: number;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly capability: string;
  readonly sideEffects: SideEffects;
  readonly parallel?: boolean;
  readonly routes?: ReasonRoute[];
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly snapshotField?: string;
}

export const tool: z.ZodType<ToolArrival> = z.object({
  handle: z.number().int().nonnegative(),
  name,
  description: z.string().max(10_000),
  inputSchema: z.record(z.string(), z.unknown()),
  capability: name,
  sideEffects: z.enum(sideEffects),
  parallel: z.exactOptional(z.boolean()),
  routes: z.exactOptional(z.array(z.enum(reasonRoutes)).max(reasonRoutes.length)),
  timeoutMs: z.exactOptional(count),
  maxBytes: z.exactOptional(count),
  snapshotField: z.exactOptional(z.string().max(100)),
});

export const toolAnswer: z.ZodType<ToolAnswer> = z.object({
  content: z.unknown(),
  evidence: z.exactOptional(z.array(z.object({ id: name, what: z.string().max(1_000) })).max(500)),
  untrusted: z.exactOptional(z.boolean()),
});
