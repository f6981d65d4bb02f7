import { snapshotVersion } from '../../packages/runtime/src/reason/snapshot/contract.ts';
import { sections } from '../../packages/runtime/src/reason/snapshot/sections/all.ts';
import type { Moment } from './topics.ts';

const pool = 200;
const signal = new AbortController().signal;

/** The snapshot of a moment, made by the runtime's own sections of what they would have been told then. */
export async function standing(moment: Moment): Promise<Readonly<Record<string, unknown>>> {
  const { atMs, queued, failing, remainingUsd } = moment;
  const at = new Date(atMs).toISOString();
  const spent = pool - remainingUsd;
  const services = Array.from({ length: 11 }, (_, n) => ({
    name: `service-${n}`,
    status: n < failing ? 'unhealthy' : 'healthy',
    checkedAt: at,
    everyMs: 30_000,
  }));
  const parts = [
    sections.operationalState(() => ({
      primaryState: 'ready',
      claimPermission: 'all',
      since: at,
      degradationReasons: [],
      stopLevel: 0,
      holds: [],
    })),
    sections.alerts(async () => ({
      groups: [{ severity: 'warning', category: 'unhealthy', count: failing }],
      newest: [],
    })),
    sections.costLadder(async () => ({
      rung: 'normal',
      effectiveTier: 'as earned',
      spentUsd: spent,
      poolUsd: pool,
      reservedUsd: 0,
      period: at.slice(0, 10),
      endsAt: at,
      deferredTickets: 0,
    })),
    sections.tickets(async () => ({
      queued,
      inProgress: 1,
      deferred: 0,
      failedOrBlocked: 3,
      open: queued + 1,
      failedLast7Days: 3,
      lastFailed: [],
      blocked: [],
    })),
    sections.serviceHealth(
      async () => services,
      () => atMs,
    ),
    sections.costTelemetry(async () => ({
      rolling24h: { calls: 40, spentUsd: spent / 20 },
      monthly: { calls: 900, spentUsd: spent },
    })),
  ];
  const read = await Promise.all(
    parts.map(async ({ name, schema, read: look }) => [
      name,
      { as_of: at, ...schema.parse(await look(signal)) },
    ]),
  );
  return {
    schema_version: snapshotVersion,
    computed_at: at,
    runtime_id: 'r1',
    ...(Object.fromEntries(read) as Record<string, unknown>),
  };
}
