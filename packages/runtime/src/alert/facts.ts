import type { PingView, Severity } from './contract.ts';

/** What the house keeps that may be wrong, as it was read just now. */
export interface AlertFacts {
  /** Null where nobody has set what may be spent. */
  readonly spend: { readonly rung: string; readonly spentUsd: number; readonly poolUsd: number } | null;
  readonly state: {
    /** `known`: why the operator knows of it already. */
    readonly holds: readonly {
      readonly cause: string;
      readonly reason: string;
      readonly since: string;
      readonly known?: string | null;
    }[];
    readonly stopLevel: number;
    readonly stopReason: string | null;
    readonly stopKnown?: { readonly since: string; readonly why: string } | null;
    /** What of the log does not prove, as this runtime's verifier found it. */
    readonly damage: string | null;
  };
  /** Webhooks that could not be taken, in a day. */
  readonly deadLetters: number;
  /** Calls that were refused for want of leave, in a day. */
  readonly capabilityDenials: { readonly count: number; readonly most: string | null };
  /** Runs that failed and tools that broke, in a day. */
  readonly reasoningErrors: { readonly runs: number; readonly tools: number };
  /** Messages that a channel refused in a day and has taken since, or given to another. */
  readonly failedReplies: number;
  /** Open ones, those that another's failure explains left out. */
  readonly incidents: readonly IncidentFact[];
  readonly daemons: readonly {
    readonly name: string;
    readonly state: string;
    readonly error: string | null;
  }[];
  readonly plugins: readonly {
    readonly id: string;
    readonly state: string;
    readonly reason: string | null;
    readonly fix: string | null;
  }[];
  readonly lateTasks: readonly { readonly owner: string; readonly name: string; readonly dueAt: string }[];
  /** Messages that their channel keeps refusing. */
  readonly refused: readonly { readonly channel: string; readonly error: string }[];
  /** Every channel outside that alerts are routed to fails, since then; null while one of them works, or there is none. */
  readonly mute: { readonly channels: readonly string[]; readonly since: string | null } | null;
  /** The latest canary that did not come through, where none came through since. */
  readonly canary: { readonly at: string; readonly stage: string } | null;
  /** Null where no sign of life is configured. */
  readonly ping: PingView | null;
}

export interface IncidentFact {
  readonly incidentId: number;
  readonly probe: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly acknowledgedAt: string | null;
  readonly silencedUntil: string | null;
  readonly silenceReason: string | null;
}

/** How each fact is read. One that throws is not known: its alerts stay as they were. */
export type AlertReads = { readonly [Name in keyof AlertFacts]: () => Promise<AlertFacts[Name]> };
