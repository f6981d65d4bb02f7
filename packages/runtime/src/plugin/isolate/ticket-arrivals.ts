import { z } from 'zod';
import type { OperationSeen, TicketProgress } from '../contract.ts';
import { sideEffects } from '../contract.ts';

// What a guest says of its tickets, bounded as everything that comes from there. See arrivals.ts.

const named = { ticketId: z.number().int().nonnegative(), fence: z.number().int().nonnegative() };

export const ticketNote: z.ZodType<{ ticketId: number; fence: number; text: string }> = z.object({
  ...named,
  text: z.string().min(1).max(10_000),
});

export const ticketProgress: z.ZodType<{ ticketId: number; fence: number; report?: TicketProgress }> =
  z.object({
    ...named,
    report: z.exactOptional(
      z.object({
        percent: z.exactOptional(z.number()),
        detail: z.exactOptional(z.string().transform((given) => given.slice(0, 1_000))),
      }),
    ),
  });

export interface OperationArrival {
  readonly ticketId: number;
  readonly fence: number;
  /** Under which its functions are called back. */
  readonly handle: number;
  readonly id: string;
  readonly tool: string;
  readonly sideEffects: (typeof sideEffects)[number];
  readonly request?: unknown;
  readonly inspects: boolean;
}

export const operation: z.ZodType<OperationArrival> = z.object({
  ...named,
  handle: z.number().int().nonnegative(),
  id: z.string().min(1).max(200),
  tool: z.string().min(1).max(200),
  sideEffects: z.enum(sideEffects),
  request: z.unknown().optional(),
  inspects: z.boolean(),
});

/** Undefined does not cross by itself. */
export const operationAnswer: z.ZodType<{ result?: unknown }> = z.object({ result: z.unknown().optional() });

export const operationSeen: z.ZodType<OperationSeen> = z.discriminatedUnion('happened', [
  z.object({ happened: z.literal(true), result: z.unknown() }),
  z.object({ happened: z.literal(false) }),
]);
