import type { Incident, ProbeStatus } from '@kora/runtime/plugin';
import type { InvestigationOrder, Wake } from '../wake.ts';

/**
 * The state of the world at one instant, behind one face: what is read from probes, files and units, and what a case
 * has in its folder, look alike to rules and to tools. Instants are milliseconds since 1970 unless a type of the
 * runtime says them in ISO 8601. Every `id` is an evidence id: it begins with its kind and can be read again.
 */
export interface Scene {
  /** Nothing that reads a scene reads a clock. */
  readonly now: number;
  readonly order: InvestigationOrder;
  readonly wake: Wake | null;
  readonly incident: Incident | null;
  readonly entities: readonly Entity[];
  /** Looks of a probe by its name, newest first; none of a probe that is not known. */
  looks(probe: string): readonly Look[];
  /** Of all probes, newest first; complete when there are no older ones. */
  readonly incidents: readonly Incident[];
  readonly incidentsComplete: boolean;
  readonly series: readonly Series[];
  readonly logs: readonly LogSource[];
  readonly units: readonly UnitState[];
  readonly certificates: readonly Certificate[];
  readonly changes: readonly Change[];
  readonly memories: readonly Memory[];
  /** What could not be read: it is said, and it limits how sure anybody may be. */
  readonly missing: readonly Missing[];
}

export type EntityKind = 'probe' | 'unit' | 'process' | 'host' | 'object' | 'service';

export interface Entity {
  /** `unit:shop`, `probe:disk`, `object:pod/shop-1`. */
  readonly id: string;
  readonly kind: EntityKind;
  readonly name: string;
  /** The id of the host it lives on, or the host's name. */
  readonly host?: string;
  /** Ids of what it needs, and of what it looks at when it is a probe. */
  readonly dependsOn: readonly string[];
  /** `running`, `failed`, `healthy`, `unreachable`, … in the words of whoever was asked. */
  readonly state: string;
  /** What else is known of it: `purpose`, `external`, `alert`, `image`, … */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Look {
  readonly at: number;
  readonly status: ProbeStatus;
  readonly latencyMs: number | null;
  readonly error: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A gauge over time. */
export interface Series {
  /** `series:shop.rss`; a point of it is `series:shop.rss@ISO`. */
  readonly id: string;
  readonly entity: string;
  /** `rss`, `pool_in_use`, `hit_rate`, … */
  readonly name: string;
  /** `bytes`, `ms`, `percent`, `1/s`, or empty. */
  readonly unit: string;
  /** Oldest first. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface LogSource {
  /** `log:shop`; a line of it is `log:shop#1204`. */
  readonly id: string;
  readonly entity: string;
  /** In the order of the file. When more match than `limit`, the latest ones. */
  lines(query: LogQuery): Promise<readonly LogLine[]>;
  readonly bytes: number;
  /** Whether the file held more than this source gives. */
  readonly truncated: boolean;
}

export interface LogQuery {
  /** Inclusive. A line without a time belongs to the line before it. */
  readonly from?: number;
  readonly to?: number;
  /** A plain text, whatever its case. */
  readonly contains?: string;
  readonly limit: number;
}

export interface LogLine {
  /** Counted from 1. */
  readonly line: number;
  /** Null when the line does not say. */
  readonly at: number | null;
  /** The whole line, its time included. */
  readonly text: string;
}

export interface UnitState {
  readonly entity: string;
  /** `running`, `failed`, `restarting`, `pending`, … */
  readonly state: string;
  /** How it ended the last time: `OOMKilled`, `exec: "x": not found`, … */
  readonly last: {
    readonly reason: string;
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly at: number | null;
  } | null;
  readonly restarts: number;
  readonly limits: { readonly memoryBytes?: number };
}

export interface Certificate {
  /** `certificate:shop`. */
  readonly id: string;
  readonly entity: string;
  readonly subject: string;
  readonly notAfter: number;
}

/** Configuration, deploys, events of Kora. */
export interface Change {
  /** `change:81`. */
  readonly id: string;
  readonly at: number;
  readonly entity: string;
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
  /** Who or what did it; `kora` for its own fixes. */
  readonly by?: string;
}

/** What was concluded before. */
export interface Memory {
  /** `memory:3`. */
  readonly id: string;
  readonly entity: string;
  readonly claim: string;
  readonly cause?: CauseClass;
  /** What came of acting on it. */
  readonly outcome: 'confirmed' | 'unknown' | 'wrong';
}

export interface Missing {
  /** The id or the name of what was to be read: `log:payments`, `unit:db`, `tool:kora__logs`. */
  readonly source: string;
  readonly why: string;
  /** The part of the world that stays dark for it. */
  readonly entity?: string;
  /** What an operator turns on to have it. */
  readonly enable?: string;
}

export const causeClasses = [
  'out_of_memory',
  'missing_executable',
  'image_pull',
  'certificate_expired',
  'dependency_refused',
  'script_error',
  'capacity',
  'unschedulable',
  'missing_configuration',
  'always_firing',
  'log_error',
  'cascade',
  'pool_exhausted',
  'rate_limited',
  'memory_growth',
  'configuration_change',
  'timeout_rate',
  'recurring_window',
  'slow_path',
  'latency_trend',
  'dns',
  'network_policy',
  'disk_full',
  'process_gone',
  'auth',
  'http_status',
  'unknown',
] as const;
export type CauseClass = (typeof causeClasses)[number];

/** What one rule found, and what it rests on. */
export interface Finding {
  readonly rule: string;
  readonly cause: CauseClass;
  /** The id of the entity where the cause lies. */
  readonly entity: string;
  /** One line for people. */
  readonly text: string;
  /** Evidence ids: `log:shop#1204`, `series:shop.rss@ISO`, `look:disk@ISO`, `change:81`, `unit:shop`, `incident:12`. */
  readonly evidence: readonly string[];
  /** When the cause first showed, null when nothing says. */
  readonly at: number | null;
  readonly weight: 'deciding' | 'supporting';
  /** What mends it, for the next step. */
  readonly fix?: string;
}

export const abstentions = [
  'no_evidence',
  'conflict',
  'missing_source',
  'external',
  'no_such_object',
  'truncated',
] as const;
export type Abstention = (typeof abstentions)[number];

export type Conclusion =
  | {
      readonly kind: 'concluded';
      readonly cause: CauseClass;
      /** Where the causes lie: two when two independent things broke. */
      readonly entities: readonly string[];
      readonly findings: readonly Finding[];
      /** From 0 to 1. */
      readonly confidence: number;
      readonly next: string;
    }
  | {
      readonly kind: 'abstained';
      readonly why: Abstention;
      /** What would have to be read or asked to know. */
      readonly needs: readonly string[];
      readonly findings: readonly Finding[];
      /** Names that may have been meant. */
      readonly suggest?: readonly string[];
    }
  | { readonly kind: 'no_incident'; readonly why: string; readonly findings: readonly Finding[] };
