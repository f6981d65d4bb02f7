import type { Approved } from './approvals.ts';
import type { Registered } from './contributions.ts';
import { Contributions } from './contributions.ts';
import type { PluginState } from './events.ts';
import type { Contributes } from './manifest.ts';
import type { IndexRow } from './plugin-index.ts';
import type { PluginReason } from './reason.ts';
import type { Residence } from './residence.ts';
import type { Resident } from './resident.ts';
import type { PluginUsage } from './usage.ts';

/** One plugin as people and programs see it. */
export interface PluginRow {
  readonly id: string;
  readonly packageName: string;
  readonly version: string;
  readonly origin: 'bundled' | 'host';
  readonly trusted: boolean;
  readonly isolation: 'in-process' | 'process';
  readonly state: PluginState;
  readonly reason: PluginReason | undefined;
  /** What its manifest declares; undefined when that does not parse. */
  readonly contributes: Contributes | undefined;
  readonly registered: Registered;
  readonly directory: string;
  /** Of a plugin in a process of its own, while it runs. */
  readonly pid: number | undefined;
  /** Undefined for a plugin that the index refused, or that waits. */
  readonly usage: PluginUsage | undefined;
  /** What its manifest asks for. */
  readonly capabilities: readonly string[];
  /** What the operator agreed to; undefined before it was first let in. */
  readonly approved: Approved | undefined;
  /** Another version that is installed and is not the one that serves. */
  readonly pending: PendingVersion | undefined;
}

/** A version that was not let in, or not yet. */
export interface PendingVersion {
  readonly version: string;
  readonly outcome: 'parked' | 'refused' | 'restart_needed';
  readonly reason: PluginReason;
}

/** As the host keeps it: with the row, so that the same one is not tried again by itself. */
export interface Pending extends PendingVersion {
  /** Undefined for a package that is gone. */
  readonly row: IndexRow | undefined;
}

/** A plugin's place in the host. */
export interface Seat {
  readonly row: IndexRow;
  readonly resident: Resident;
  /** Undefined for a plugin that the index refused, or that waits. */
  readonly residence: Residence | undefined;
  /** Why it waits: parked for the operator, or indexed for the next start. */
  readonly held?: { readonly state: 'parked' | 'indexed'; readonly reason: PluginReason };
  pending: Pending | undefined;
}

export function rowOf(
  { row, resident, residence, pending }: Seat,
  approved: Approved | undefined,
): PluginRow {
  return {
    id: row.id,
    packageName: row.packageName,
    version: row.version,
    origin: row.origin,
    trusted: row.trusted,
    isolation: row.trusted ? ('in-process' as const) : ('process' as const),
    state: resident.state,
    reason: resident.reason,
    contributes: row.manifest?.contributes,
    registered: residence?.registered ?? new Contributions().list(),
    directory: row.directory,
    pid: residence?.pid,
    usage: residence?.usage(),
    capabilities: row.manifest?.capabilities ?? [],
    approved,
    pending:
      pending === undefined
        ? undefined
        : { version: pending.version, outcome: pending.outcome, reason: pending.reason },
  };
}
