import type { Clock } from '../clock/index.ts';
import type { ApprovalBook } from './approvals.ts';
import type { PluginLog } from './contract.ts';
import type { Guardian } from './isolate/guardian.ts';
import type { GuestSettings } from './isolate/settings.ts';
import type { PluginIndex } from './plugin-index.ts';
import type { Residence, ResidenceParts } from './residence.ts';
import type { PluginPorts } from './surface.ts';

export interface PluginHostOptions {
  readonly ports: PluginPorts;
  readonly clock: Clock;
  readonly log: PluginLog;
  /** The home: guests keep their data folders in it, and can read nothing else of it. */
  readonly home: string;
  readonly index: PluginIndex;
  /** The plugin's block of the configuration, unparsed. */
  configBlock(id: string): unknown;
  /** What the operator agreed to; left out, everything that is installed is. */
  readonly approvals?: ApprovalBook;
  /** Milliseconds an import and a `register` may take. Default 10 000 each. */
  readonly importMs?: number;
  readonly registerMs?: number;
  /** Milliseconds until a version that was put in place of another has to be loaded, its daemons started. Default 60 000. */
  readonly settleMs?: number;
  /** Another place to run than a process or this one; undefined leaves it to the host. */
  residence?(parts: ResidenceParts): Residence | undefined;
  /** For plugins in processes of their own; see GuestOptions. */
  readonly guests?: GuestOptions;
}

export interface GuestOptions {
  /** The Node that guests run on, at least 22.18. Default our own. */
  readonly nodePath?: string;
  /** Milliseconds that `loadAll` waits for guests once the trusted plugins are there. Default 2 000. */
  readonly patienceMs?: number;
  /** Megabytes of heap, default 128, and of resident memory, default 512. */
  readonly heapMb?: number;
  readonly residentMb?: number;
  /** Milliseconds between looks at a guest, default 2 000, and for one answer of its event loop, default 5 000. */
  readonly lookMs?: number;
  readonly answerMs?: number;
  /** Milliseconds an orderly goodbye may take, default 8 000, and then the process to end, default 2 000. */
  readonly goodbyeMs?: number;
  readonly graceMs?: number;
}

/** The settings of every guest, with what was left out filled in. */
export function guestSettings(
  options: PluginHostOptions,
  guardian: Guardian,
  hostDirectory: string | undefined,
): GuestSettings {
  const given = options.guests ?? {};
  return {
    home: options.home,
    hostDirectory,
    nodePath: given.nodePath ?? process.execPath,
    heapMb: given.heapMb ?? 128,
    vitals: {
      everyMs: given.lookMs ?? 2_000,
      answerMs: given.answerMs ?? 5_000,
      residentMb: given.residentMb ?? 512,
    },
    goodbyeMs: given.goodbyeMs ?? 8_000,
    graceMs: given.graceMs ?? 2_000,
    guardian,
  };
}
