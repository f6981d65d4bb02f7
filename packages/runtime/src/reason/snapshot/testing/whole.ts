import type { Snapshot, SnapshotSection } from '../contract.ts';
import { snapshotVersion } from '../contract.ts';
import { sections } from '../sections/all.ts';

export const noonMs = Date.parse('2026-11-22T12:00:00.000Z');
const at = (msBefore: number): string => new Date(noonMs - msBefore).toISOString();

/** Every section, of a house in ordinary use: something of everything, nothing unknown. */
export function sampleSections(): readonly SnapshotSection[] {
  return [
    sections.operationalState(() => ({
      primaryState: 'paused',
      claimPermission: 'none',
      since: at(60_000),
      degradationReasons: ['cost'],
      stopLevel: 1,
      holds: [{ cause: 'operator', reason: 'deploying' }],
    })),
    sections.alerts(() =>
      Promise.resolve({
        groups: [
          { severity: 'critical', category: 'unreachable', count: 1 },
          { severity: 'warning', category: 'latency', count: 4 },
        ],
        newest: [{ probe: 'shop', severity: 'critical', category: 'unreachable' }],
      }),
    ),
    sections.costLadder(() =>
      Promise.resolve({
        rung: 'warn_75',
        effectiveTier: 'one tier down',
        spentUsd: 150.5,
        poolUsd: 200,
        reservedUsd: 1.25,
        period: '2026-11-01',
        endsAt: '2026-12-01T00:00:00.000Z',
        deferredTickets: 2,
      }),
    ),
    sections.tickets(() =>
      Promise.resolve({
        queued: 4,
        inProgress: 2,
        deferred: 1,
        failedOrBlocked: 3,
        open: 8,
        failedLast7Days: 2,
        lastFailed: [{ ticketId: 12, kind: 'errand' }],
        blocked: [{ ticketId: 14, kind: 'mail' }],
      }),
    ),
    sections.serviceHealth(
      () =>
        Promise.resolve([
          { name: 'Shop', status: 'unreachable', checkedAt: at(5_000), everyMs: 30_000 },
          { name: 'api.example.com', status: 'healthy', checkedAt: at(9_000), everyMs: 30_000 },
        ]),
      () => noonMs,
    ),
    sections.costTelemetry(() =>
      Promise.resolve({ rolling24h: { calls: 12, spentUsd: 3.4 }, monthly: { calls: 400, spentUsd: 150.5 } }),
    ),
    sections.daemonHealth(() =>
      Promise.resolve({
        bootAt: at(3_700_000),
        uptimeMs: 3_700_000,
        version: '0.1.0',
        overall: 'degraded',
        reason: 'daemon inbox is failed',
        daemons: [
          { name: 'probe_wake', state: 'running', isDown: false },
          { name: 'inbox', state: 'failed', isDown: true },
        ],
      }),
    ),
    sections.identity(() =>
      Promise.resolve({
        name: 'marvin',
        pluginName: 'marvin',
        agentName: 'Marvin',
        agentVersion: '1.0.0',
        hash: 'a'.repeat(64),
      }),
    ),
    sections.chain(() =>
      Promise.resolve({
        headSeq: 412,
        unsealed: 0,
        verifiedThrough: 410,
        damage: null,
        lastCheckpoint: at(60_000),
      }),
    ),
    sections.schedule(() =>
      Promise.resolve([
        { name: 'kora.upkeep', nextDueAt: at(-90_000), late: false, lastOutcome: 'ok' },
        { name: 'digest', nextDueAt: at(-30_000), late: true, lastOutcome: 'failed' },
      ]),
    ),
    sections.waiting(() => Promise.resolve({ approvals: 1, blockedTickets: 2, unacknowledgedIncidents: 0 })),
  ];
}

/** One that was taken at noon. */
export async function sampleSnapshot(over: Readonly<Record<string, unknown>> = {}): Promise<Snapshot> {
  const signal = new AbortController().signal;
  const read = await Promise.all(
    sampleSections().map(async (section) => [
      section.name,
      { as_of: at(0), ...section.schema.parse(await section.read(signal)) },
    ]),
  );
  return {
    schema_version: snapshotVersion,
    computed_at: at(0),
    runtime_id: 'r1',
    ...(Object.fromEntries(read) as Record<string, unknown>),
    ...over,
  };
}
