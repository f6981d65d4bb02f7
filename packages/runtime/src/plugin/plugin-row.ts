import type { Registered } from './contributions.ts';
import { Contributions } from './contributions.ts';
import type { PluginState } from './events.ts';
import type { Contributes } from './manifest.ts';
import type { IndexRow } from './plugin-index.ts';
import type { PluginReason } from './reason.ts';
import type { Residence } from './residence.ts';
import type { Resident } from './resident.ts';

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
}

/** A plugin's place in the host. */
export interface Seat {
  readonly row: IndexRow;
  readonly resident: Resident;
  /** Undefined for a plugin that the index refused. */
  readonly residence: Residence | undefined;
}

export function rowOf({ row, resident, residence }: Seat): PluginRow {
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
  };
}
