import type { IncidentRow, ProbeDaysRow, ProbeRow, ProbeWindowRow } from '@kora/runtime/client';

/** What the runtime says, as it says it. */
export interface Known {
  readonly probes: readonly ProbeRow[];
  readonly days: readonly ProbeDaysRow[];
  readonly incidents: readonly IncidentRow[];
  readonly windows: readonly ProbeWindowRow[];
}

/** How the operator wants the page. */
export interface Wanted {
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly historyDays: number;
  /** In the order of the page; none: every probe, in one group without a name. */
  readonly groups: readonly { readonly name: string; readonly probes: readonly string[] }[];
  /** With hosts, what the last look measured and what went wrong, for a page that is not for everybody. */
  readonly details: boolean;
}

/** `unknown`: nobody has looked for a while, or it is not set up. */
export type Standing = 'healthy' | 'degraded' | 'failing' | 'unknown';

export interface PageWindow {
  readonly window: string;
  /** Looks that were made, and those that came back healthy. */
  readonly looks: number;
  readonly good: number;
  /** The share of good looks, 0 to 1; null when none was made. */
  readonly availability: number | null;
  /** Days of UTC in it, and on how many of them somebody looked. */
  readonly days: number;
  readonly daysMeasured: number;
}

export interface PageProbe {
  readonly name: string;
  readonly state: Standing;
  /** Since when it is what it is; null when that is not known. */
  readonly since: string | null;
  /** When its maintenance ends; null when there is none. */
  readonly maintenanceUntil: string | null;
  readonly availability: readonly PageWindow[];
  /** Each day of UTC, oldest first; one without looks has zeros. */
  readonly history: readonly { readonly day: string; readonly looks: number; readonly good: number }[];
  readonly details?: {
    readonly kind: string;
    readonly target: string;
    readonly checkedAt: string | null;
    readonly latencyMs: number | null;
    readonly error: string | null;
  };
}

export interface PageIncident {
  readonly id: number;
  readonly probe: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly state: 'open' | 'resolved';
  /** It is open because it goes back and forth: it may be well at the moment. */
  readonly unstable: boolean;
  readonly began: string;
  readonly ended: string | null;
  /** Until now while it is open. */
  readonly durationMs: number;
  /** The probe of this page whose failure explains it. */
  readonly becauseOf: string | null;
  readonly endedBy: string | null;
  readonly details?: { readonly category: string; readonly title: string; readonly text: string };
}

/** The page as data: what `status.json` holds, and all that the HTML is made of. */
export interface StatusPage {
  readonly schemaVersion: 1;
  readonly title: string;
  readonly asOf: string;
  readonly historyDays: number;
  readonly state: Standing;
  readonly groups: readonly {
    readonly name: string | null;
    readonly state: Standing;
    readonly probes: readonly PageProbe[];
  }[];
  /** Open ones first, then the newest. */
  readonly incidents: readonly PageIncident[];
}
