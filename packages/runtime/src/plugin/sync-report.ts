import type { PluginReason } from './reason.ts';

/** What became of one plugin when the host was put in step with what is installed. */
export const syncOutcomes = [
  'added',
  'removed',
  'upgraded',
  'parked',
  'restart_needed',
  'refused',
  'unchanged',
] as const;
export type SyncOutcome = (typeof syncOutcomes)[number];

export interface SyncRow {
  readonly id: string;
  readonly packageName: string;
  readonly outcome: SyncOutcome;
  /** The version that is installed now; null for one that is gone. */
  readonly version: string | null;
  /** The version that serves after it; null when none does. */
  readonly serving: string | null;
  readonly reason: PluginReason | undefined;
}

export interface SyncReport {
  /** The host project that was looked at. */
  readonly host: string | null;
  /** What changed first, each kind in the order of ids. */
  readonly rows: readonly SyncRow[];
  /** Dependencies that are named and not installed. */
  readonly missing: readonly string[];
}

/** Whether something is other than it was. */
export function hasChanged({ outcome }: SyncRow): boolean {
  return outcome !== 'unchanged';
}

export function inOrder(rows: readonly SyncRow[]): SyncRow[] {
  const rank = ({ outcome }: SyncRow): number => syncOutcomes.indexOf(outcome);
  return [...rows].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : Number(a.id > b.id)));
}
