import type { IndexRow } from './plugin-index.ts';
import type { Pending, Seat } from './plugin-row.ts';
import type { PluginReason } from './reason.ts';
import { isSame } from './sync-plan.ts';
import type { SyncOutcome, SyncRow } from './sync-report.ts';

/** The version that serves in a seat; null where none does. */
export function servingOf(seat: Seat | undefined): string | null {
  return seat === undefined || isDown(seat) ? null : seat.row.version;
}

/** A guest that nobody starts again by itself: it did not come up, or died too often. */
export function isDown({ residence, resident: { state, reason } }: Seat): boolean {
  if (residence?.isolation !== 'process') return false;
  if (state === 'quarantined') return true;
  const restarts = reason?.code === 'guest_crashed' || reason?.code === 'guest_killed';
  return state === 'degraded' && residence.pid === undefined && !restarts;
}

/** Whether something was ever started in it and not taken down. */
export function lives({ residence, resident }: Seat): boolean {
  return residence !== undefined && resident.state !== 'stopped';
}

export function samePending(one: Pending, other: Pending): boolean {
  if (one.outcome !== other.outcome || one.reason.code !== other.reason.code) return false;
  if (one.row === undefined || other.row === undefined) return one.row === other.row;
  return isSame(one.row, other.row);
}

export function restartReason(about: IndexRow, row: IndexRow | undefined): PluginReason {
  const fix = 'kora down, then kora up';
  const shares = 'a trusted plugin shares the process of the runtime';
  const name = `${about.packageName} ${about.version}`;
  if (row === undefined)
    return { code: 'restart_needed', message: `${name} is not installed any more, and ${shares}`, fix };
  if (row.reason !== undefined) return { ...row.reason, message: `${row.reason.message}; ${shares}`, fix };
  return { code: 'restart_needed', message: `${name} comes with the next start: ${shares}`, fix };
}

export function which({ id, packageName, version }: IndexRow): {
  plugin: string;
  package: string;
  version: string;
} {
  return { plugin: id, package: packageName, version };
}

export function outcomeOf(
  outcome: SyncOutcome,
  { id, packageName, version }: IndexRow,
  serving: string | null,
  reason?: PluginReason,
): SyncRow {
  return { id, packageName, outcome, version, serving, reason };
}
