import { createHash } from 'node:crypto';
import { canonicalJson } from '../chain/index.ts';
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
  /** Of what it says of itself, see `digestOf`. */
  readonly digest: string;
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
  /** Null for a package that is gone. */
  readonly digest: string | null;
  readonly outcome: 'parked' | 'refused' | 'restart_needed';
  readonly reason: PluginReason;
}

/** As the host keeps it: with the row, so that the same one is not tried again by itself. */
export interface Pending extends Omit<PendingVersion, 'digest'> {
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

/**
 * Names what a package says of itself: its name, its version and its manifest, with all that it asks for. What the operator
 * agrees to is exactly this. It names no code: that is what the package manager's lockfile does.
 */
export function digestOf({ id, packageName, version, manifest }: IndexRow): string {
  const said = {
    id,
    packageName,
    version,
    manifest: JSON.parse(JSON.stringify(manifest ?? null)) as unknown,
  };
  return createHash('sha256').update(canonicalJson(said)).digest('hex');
}

export function rowOf(
  { row, resident, residence, pending }: Seat,
  approved: Approved | undefined,
): PluginRow {
  return {
    id: row.id,
    packageName: row.packageName,
    version: row.version,
    digest: digestOf(row),
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
        : {
            version: pending.version,
            digest: pending.row === undefined ? null : digestOf(pending.row),
            outcome: pending.outcome,
            reason: pending.reason,
          },
  };
}
