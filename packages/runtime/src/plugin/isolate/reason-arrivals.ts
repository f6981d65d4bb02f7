import { z } from 'zod';
import { reasonRoutes } from '../contract.ts';
import type { ReasonRequest } from '../contract.ts';

// What a guest asks whoever thinks, bounded as everything that comes from there. See arrivals.ts.

const name = z.string().min(1).max(200);
const text = z.string().max(1_000_000);

export const reasonRequest: z.ZodType<ReasonRequest> = z.object({
  route: z.enum(reasonRoutes),
  text,
  words: z.exactOptional(text),
  key: z.exactOptional(name),
  conversation: z.exactOptional(z.object({ channel: name, thread: name })),
  ticket: z.exactOptional(
    z.object({ ticketId: z.number().int().nonnegative(), fence: z.number().int().nonnegative() }),
  ),
  quoted: z.exactOptional(
    z.array(z.object({ source: name, text, evidenceId: z.exactOptional(name) })).max(100),
  ),
  verdict: z.exactOptional(z.boolean()),
  critical: z.exactOptional(z.boolean()),
  wake: z.exactOptional(name),
  causationId: z.exactOptional(name),
  limits: z.exactOptional(
    z.object({
      iterations: z.exactOptional(z.number()),
      deadlineMs: z.exactOptional(z.number()),
      costMicroUsd: z.exactOptional(z.number().nullable()),
    }),
  ),
  phrasebook: z.exactOptional(z.boolean()),
});
