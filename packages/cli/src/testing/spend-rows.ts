import type { Spend } from '@kora/runtime/client';
import { before } from './noon.ts';

export function spend(over: Partial<Spend> = {}): Spend {
  return {
    rung: 'warn_75',
    effectiveTier: 'one tier down',
    spentUsd: 155,
    poolUsd: 200,
    reservedUsd: 1.5,
    period: '2026-11-01',
    endsAt: '2026-12-01T00:00:00.000Z',
    deferredTickets: 0,
    criticalUsd: 10,
    paceUsd: 140,
    refusedLast24h: 0,
    ramp: null,
    accounts: { open: 0, remainingUsd: 0 },
    spentLast24hUsd: 3,
    slices: {
      by: 'route',
      windowMs: null,
      rows: [
        {
          key: 'slack_dm',
          calls: 3,
          estimatedCalls: 0,
          inputTokens: 1_800,
          outputTokens: 240,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          spentUsd: 0.0042,
          questions: { asked: 2, escalated: 1, answered: 2 },
        },
      ],
    },
    burn: { perDayUsd: 7.5, projectedUsd: 225 },
    limits: [],
    refusals: [],
    reservations: [
      {
        callId: 'call-9',
        caller: 'reasoning',
        route: 'cli',
        period: '2026-11-01',
        reservedUsd: 1.5,
        since: before(600),
      },
    ],
    reconciliations: [
      {
        at: before(3_600),
        by: 'operator',
        reason: 'the bill',
        period: '2026-11-01',
        reportedUsd: 150,
        spentBeforeUsd: 140,
        raisedUsd: 10,
      },
    ],
    ...over,
  };
}
