import type { Severity } from '../message/contract.ts';

// What this room asks of others has their shapes; `kora.ts` hands it the ports.
export type { PeriodicTaskSpec } from '../daemon/contract.ts';
export type { NewMessage, Severity } from '../message/contract.ts';

export const probeStatuses = ['healthy', 'degraded', 'unhealthy', 'unreachable', 'unconfigured'] as const;
export type ProbeStatus = (typeof probeStatuses)[number];

export const probeCategories = [
  'auth',
  'unreachable',
  'error_rate',
  'capacity',
  'machine_down',
  'certificate',
  'latency',
  'drift',
  'service_unhealthy',
] as const;
export type ProbeCategory = (typeof probeCategories)[number];

/** One look at one thing. `unconfigured` made no call and never alerts. */
export interface ProbeSnapshot {
  readonly status: ProbeStatus;
  readonly latencyMs?: number;
  /** What was measured; plain JSON, no secrets. */
  readonly details: Readonly<Record<string, unknown>>;
  /** One sentence for a failing look: what was asked and what came back. */
  readonly error?: string;
  /** Why it fails; default `unreachable` for that status, else `service_unhealthy`. */
  readonly category?: ProbeCategory;
  /** What an incident of this look is called, in one line of at most 300 characters; default the probe's name and status. */
  readonly title?: string;
}

export interface ProbeSpec {
  /** Unique in the runtime: `disk`, `shop`. */
  readonly name: string;
  /** What kind of look it is: `http`, `tcp`, `disk`. */
  readonly kind: string;
  /** What is looked at, for people: a URL, a mount point. */
  readonly target: string;
  /** Milliseconds between looks, at least 100. */
  readonly everyMs: number;
  /** Milliseconds one look may take, default 10 000. */
  readonly timeoutMs?: number;
  /** Bad looks in a row that open an incident, and good ones that resolve it. Default 2. */
  readonly consecutive?: number;
  /** How bad a failure of this thing is. Default critical for unhealthy and unreachable, warning for degraded. */
  readonly severity?: Severity;
  /** Probes without which this one cannot be well: what fails while one of them does is its consequence, and wakes nobody. */
  readonly dependsOn?: readonly string[];
  /** The machine or service it lives on, where the target does not say it: what fails there at once is one storm. */
  readonly host?: string;
  /** `runtime`: each runtime looks, and its incidents are its own. `fleet`: one runtime looks, for all. Default `runtime`. */
  readonly scope?: 'runtime' | 'fleet';
  check(signal: AbortSignal): Promise<ProbeSnapshot>;
}

/** What is known about a probe now. */
export interface ProbeState {
  readonly name: string;
  readonly kind: string;
  readonly target: string;
  readonly pluginName: string;
  readonly everyMs: number;
  /** Null until the first look. */
  readonly status: ProbeStatus | null;
  /** When the status became what it is. */
  readonly since: string | null;
  readonly lastGoodAt: string | null;
  readonly checkedAt: string | null;
  readonly latencyMs: number | null;
  readonly error: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly incidentId: number | null;
  /** Left out when it needs no other probe. */
  readonly dependsOn?: readonly string[];
  readonly host?: string;
}

export interface Incident {
  readonly incidentId: number;
  readonly probe: string;
  readonly target: string;
  readonly category: ProbeCategory;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly status: 'open' | 'resolved';
  readonly wakeId: string;
  readonly openedAt: string;
  /** When the first of the failing looks was made. */
  readonly failingSince: string;
  readonly lastGoodAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly resolvedAt: string | null;
  readonly failures: number;
  readonly ticketId: number | null;
  /** The wake of the incident that leads the storm it belongs to; its own when it leads or stands alone. */
  readonly stormId?: string | null;
  /** While it is a consequence: the probe whose failure explains it. */
  readonly causedBy?: string | null;
  /** The incident of that probe, once it has one. */
  readonly consequenceOf?: number | null;
  /** Since when it goes back and forth. */
  readonly flappingSince?: string | null;
  /** Until then only its end is told. */
  readonly silencedUntil?: string | null;
  readonly silenceReason?: string | null;
  /** What ended it: `recovered`, `probe removed`, `probe unconfigured`. */
  readonly endedBy?: string | null;
  /** How often it came back after it had ended. */
  readonly reopened?: number;
}

/** Which storm an incident belongs to. One that nothing was folded with leads a storm of one. */
export function foldOf(incident: Pick<Incident, 'wakeId' | 'stormId'>): {
  readonly stormId: string;
  readonly leader: boolean;
} {
  const stormId = incident.stormId ?? incident.wakeId;
  return { stormId, leader: stormId === incident.wakeId };
}

export const incidentEntryKinds = [
  'opened',
  'updated',
  'consequence',
  'flapping',
  'acknowledged',
  'silenced',
  'note',
  'investigation',
  'fix',
  'resolved',
  'reopened',
] as const;
export type IncidentEntryKind = (typeof incidentEntryKinds)[number];

/** One line of an incident's timeline. */
export interface IncidentEntry {
  readonly at: string;
  readonly kind: IncidentEntryKind;
  readonly text: string;
  /** Who said it; null for what Kora did by itself. */
  readonly by: string | null;
  /** The event that says the same. */
  readonly eventId: string | null;
}

/** A time in which looks go on and no incident opens. */
export interface MaintenanceWindow {
  readonly windowId: number;
  /** Null: every probe. */
  readonly probe: string | null;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly reason: string;
  readonly by: string;
}

/** A past look, for rules that compare. */
export interface ProbeResult {
  readonly probe: string;
  readonly at: string;
  readonly status: ProbeStatus;
  readonly latencyMs: number | null;
  readonly error: string | null;
}
