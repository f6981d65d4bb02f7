import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

export interface LadderFacts {
  readonly rung: string;
  /** What the rung leaves of the models, in words. */
  readonly effectiveTier: string;
  readonly spentUsd: number;
  readonly poolUsd: number;
  readonly reservedUsd: number;
  /** First day of the month. */
  readonly period: string;
  readonly endsAt: string;
  readonly deferredTickets: number;
}

const schema = z.object({
  rung: z.string(),
  effective_tier: z.string(),
  monthly_budget_pct_used: z.number(),
  spent_to_date_usd: z.number(),
  credit_pool_usd: z.number(),
  reserved_usd: z.number(),
  remaining_usd: z.number(),
  period: z.string(),
  period_ends_at: z.string(),
  deferred_tickets: z.number(),
  summary: z.string(),
});

const percent = 100;

/** Where spend stands on its ladder. Throws while no pool is set: then nothing of it is known. */
export function costLadder(read: () => Promise<LadderFacts>): SnapshotSection {
  return {
    name: 'cost_ladder',
    schema,
    read: async () => {
      const facts = await read();
      const used = (facts.spentUsd / facts.poolUsd) * percent;
      return {
        rung: facts.rung,
        effective_tier: facts.effectiveTier,
        monthly_budget_pct_used: used,
        spent_to_date_usd: facts.spentUsd,
        credit_pool_usd: facts.poolUsd,
        reserved_usd: facts.reservedUsd,
        remaining_usd: Math.max(0, facts.poolUsd - facts.spentUsd - facts.reservedUsd),
        period: facts.period,
        period_ends_at: facts.endsAt,
        deferred_tickets: facts.deferredTickets,
        summary: `${used.toFixed(1)} % of the month's pool is spent, rung ${facts.rung}, models: ${facts.effectiveTier}`,
      } satisfies z.infer<typeof schema>;
    },
  };
}
