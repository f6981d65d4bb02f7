import { z } from 'zod';

export interface AgentConfig {
  /** Kinds of tickets that are worked by thinking; `[]` works none. Default `general`, what `kora ticket add` makes. */
  readonly kinds: readonly string[];
  /** Tickets of a kind at once, in one runtime. Default 1. */
  readonly concurrency: number;
  /** Dollars that a ticket may cost until the operator has had a word; a claim sets as much aside. Default 0.5. */
  readonly budgetUsd: number;
  /** Questions to the engine in one attempt, each with its own calls of tools; then it asks the operator. Default 6. */
  readonly turns: number;
  /** Seconds one such question may take, at most 900. Default 300. */
  readonly turnSeconds: number;
}

/** The block `agent` of the plugin's configuration; every key has a default. */
export const agentSchema: z.ZodType<AgentConfig> = z
  .strictObject({
    kinds: z
      .array(z.string().min(1).max(100))
      .max(50)
      .refine((kinds) => new Set(kinds).size === kinds.length, 'names a kind twice')
      .default(['general']),
    concurrency: z.int().min(1).max(50).default(1),
    budgetUsd: z.number().min(0.001).max(10_000).default(0.5),
    turns: z.int().min(1).max(50).default(6),
    turnSeconds: z.int().min(1).max(900).default(300),
  })
  .prefault({});

export function microUsdOf(usd: number): number {
  return Math.round(usd * 1_000_000);
}
