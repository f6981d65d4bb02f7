import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';
import { dollars } from '../value.ts';

export interface WindowFacts {
  readonly calls: number;
  readonly spentUsd: number;
}

const span = z.object({ calls: z.number(), spent_usd: z.number() });
const schema = z.object({ rolling_24h: span, monthly: span, summary: z.string() });

/** What calls cost: over the last 24 hours, and this calendar month. Read from the journal each time. */
export function costTelemetry(
  read: () => Promise<{ readonly rolling24h: WindowFacts; readonly monthly: WindowFacts }>,
): SnapshotSection {
  return {
    name: 'cost_telemetry',
    schema,
    read: async () => {
      const { rolling24h, monthly } = await read();
      return {
        rolling_24h: { calls: rolling24h.calls, spent_usd: rolling24h.spentUsd },
        monthly: { calls: monthly.calls, spent_usd: monthly.spentUsd },
        summary: `${told(rolling24h)} in the last 24 hours, ${told(monthly)} this month`,
      } satisfies z.infer<typeof schema>;
    },
  };
}

function told({ calls, spentUsd }: WindowFacts): string {
  return `$${dollars(spentUsd)} for ${calls === 1 ? '1 call' : `${calls} calls`}`;
}
