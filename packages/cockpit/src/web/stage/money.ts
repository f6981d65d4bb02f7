import type { ModelPriceRow, Spend, SpendEntryRow } from '@kora/runtime/client';
import { before, stageNow } from './rows.ts';

/** Staged money: a month that is past its first rung, and what it went to. */
export function spend(part: Partial<Spend> = {}): Spend {
  return {
    rung: 'warn_75',
    effectiveTier: 'one tier down',
    spentUsd: 38.42,
    poolUsd: 50,
    reservedUsd: 0.31,
    period: '2026-11-01',
    endsAt: '2026-12-01T00:00:00.000Z',
    deferredTickets: 1,
    criticalUsd: 5,
    paceUsd: 34.1,
    refusedLast24h: 4,
    ramp: null,
    spentLast24hUsd: 2.1,
    slices: null,
    accounts: { open: 1, remainingUsd: 0.2 },
    burn: { perDayUsd: 1.87, projectedUsd: 55.1 },
    limits: [
      { scope: 'day', key: 'all', limitUsd: 3, usedUsd: 2.1 },
      { scope: 'route', key: 'slack_dm', limitUsd: 0.5, usedUsd: 0.42 },
    ],
    refusals: [{ cause: 'cost_pace', caller: 'plugin:marvin', count: 4 }],
    reservations: [
      {
        callId: 'c-0199f2b0-1',
        caller: 'plugin:marvin',
        route: 'probe_investigation',
        period: '2026-11-01',
        reservedUsd: 0.06,
        since: before(14),
      },
    ],
    reconciliations: [
      {
        period: '2026-11-01',
        reportedUsd: 36,
        spentBeforeUsd: 35.2,
        raisedUsd: 0.8,
        at: before(90_000),
        by: 'operator',
        reason: 'the invoice of the provider',
      },
    ],
    ...part,
  };
}

const shares = [
  { by: 'route', key: 'ticket', share: 0.55, calls: 21 },
  { by: 'route', key: 'probe_investigation', share: 0.3, calls: 9 },
  { by: 'route', key: 'slack_dm', share: 0.15, calls: 14 },
  { by: 'model', key: 'standard-4', share: 0.7, calls: 38 },
  { by: 'model', key: 'large-4', share: 0.3, calls: 6 },
  { by: 'source', key: 'ticket 41', share: 0.6, calls: 20 },
  { by: 'source', key: 'operator', share: 0.4, calls: 24 },
] as const;

/** So many days with today, oldest first. */
export function spendDays(days: number): object[] {
  return Array.from({ length: days }, (_, at) => {
    const back = days - 1 - at;
    const costMicroUsd = 1_200_000 + ((back * 7_919) % 13) * 90_000;
    return {
      day: new Date(stageNow - back * 86_400_000).toISOString().slice(0, 10),
      costMicroUsd,
      calls: 44,
      unpriced: back === 1 ? 3 : 0,
      slices: shares.map(({ by, key, share, calls }) => ({
        by,
        key,
        costMicroUsd: Math.round(costMicroUsd * share),
        calls,
      })),
    };
  });
}

export function spendEntries(): SpendEntryRow[] {
  return [410, 300, 220, 90, 20].map((minutes, place) => ({
    entryId: place + 1,
    at: before(minutes * 60),
    period: '2026-11-01',
    kind: 'settle',
    callId: `c-${place}`,
    caller: 'plugin:marvin',
    route: 'ticket',
    ticketId: 41,
    fence: 1,
    runId: 'r-0199f2a4',
    model: 'standard-4',
    tier: 'standard',
    spentMicroUsd: 90_000 + place * 40_000,
    reservedMicroUsd: 0,
    accountMicroUsd: 0,
    usage: null,
    estimated: false,
    reportedMicroUsd: null,
    poolMicroUsd: null,
    reason: null,
  }));
}

export const prices: readonly ModelPriceRow[] = [
  {
    model: 'standard-4',
    provider: 'acme',
    tier: 'standard',
    basis: 'engine',
    price: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 },
  },
  { model: 'small-4', provider: 'acme', tier: 'small', basis: 'dearest', price: null },
];
