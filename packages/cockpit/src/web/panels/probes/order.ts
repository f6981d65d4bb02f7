import type { IncidentRow, ProbeRow } from '@kora/runtime/client';

const rank = { unreachable: 0, unhealthy: 0, degraded: 1, healthy: 3, unconfigured: 4 } as const;

/** Failing first, then not yet known, then well, then what is not configured. */
export function byTrouble(a: ProbeRow, b: ProbeRow): number {
  return rankOf(a) - rankOf(b) || a.name.localeCompare(b.name);
}

function rankOf(probe: ProbeRow): number {
  return probe.status === null ? 2 : rank[probe.status];
}

const severityRank = { critical: 0, warning: 1, info: 2 } as const;

/** Open first, worst first, then the newest. */
export function openFirst(a: IncidentRow, b: IncidentRow): number {
  if (a.status !== b.status) return a.status === 'open' ? -1 : 1;
  const bySeverity = a.status === 'open' ? severityRank[a.severity] - severityRank[b.severity] : 0;
  return bySeverity || Date.parse(b.openedAt) - Date.parse(a.openedAt);
}
