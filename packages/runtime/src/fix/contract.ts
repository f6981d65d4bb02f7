import type { ProbeStatus } from '../probe/contract.ts';

export type { ApprovalStatus, Risk } from '../capability/contract.ts';
export type { NewMessage } from '../message/contract.ts';
export type { Incident, ProbeState } from '../probe/contract.ts';
export type { ChangeKindSpec, ChangePlace, ChangeSeen, Overlay } from '../promotion/contract.ts';

/** `approve`: each attempt waits for the operator's word. `auto`: a grant of the capability is enough. */
export const fixModes = ['off', 'approve', 'auto'] as const;
export type FixMode = (typeof fixModes)[number];

/** What came of an attempt. `unknown`: it was begun, and nobody knows whether it happened; it is not done again. */
export const fixOutcomes = [
  'mended',
  'not_mended',
  'rolled_back',
  'execution_failed',
  'rejected',
  'unknown',
] as const;
export type FixOutcome = (typeof fixOutcomes)[number];

export const attemptStatuses = ['waiting', 'running', 'ended'] as const;
export type AttemptStatus = (typeof attemptStatuses)[number];

/** Why an attempt was refused or came to nothing; beside these, the cause by which the door refuses. */
export const fixCodes = [
  'unknown_probe',
  'action_not_in_envelope',
  'envelope_disabled',
  'no_open_incident',
  'is_consequence',
  'not_failing',
  'target_id_invalid',
  'target_not_in_snapshot',
  'target_ambiguous',
  'target_unreadable',
  'condition_not_met',
  'limit_reached',
  'target_busy',
  'approval_expired',
  'executor_failed',
  'executor_timed_out',
  'not_verified',
  'rollback_failed',
  'runtime_ended',
] as const;

/** One thing that a look named; nothing else can be mended. */
export interface FixTarget {
  /** `^[A-Za-z0-9][\w.:@/-]{0,127}$`, the same for the same thing wherever in the workspace it is seen. */
  readonly id: string;
  /** For people: `unit shop.service on web-1`. */
  readonly title: string;
}

/** What was learned of the bounds of an envelope, and is in force. */
export interface LearnedEnvelope {
  readonly proposalId: number;
  readonly revision: number;
  readonly sets: readonly ('mode' | 'perTargetPerHour')[];
}

/** What the probe saw last. */
export interface FixObservation {
  readonly probe: string;
  /** What is looked at, for people. */
  readonly target: string;
  readonly status: ProbeStatus;
  readonly details: Readonly<Record<string, unknown>>;
  readonly error: string | null;
  /** ISO 8601. */
  readonly checkedAt: string;
}

/** How a target stands, as the executor reads it; plain JSON, no secrets. */
export type FixState = Readonly<Record<string, unknown>>;

/** What the conditions of an envelope are asked about. */
export interface FixSituation {
  readonly observation: FixObservation;
  readonly target: FixTarget;
  /** Everything that the look named, this target among it. */
  readonly targets: readonly FixTarget[];
  /** Read from the target just now. */
  readonly before: FixState;
}

export interface FixCondition {
  /** `single_machine_not_started`. */
  readonly name: string;
  readonly holds: boolean;
  /** What was seen, in a few words. */
  readonly saw: string;
}

/** One call of an executor. */
export interface FixCall {
  /** Of this attempt alone: for whoever on the other side can deduplicate. */
  readonly key: string;
  readonly incidentId: number;
  readonly before: FixState;
  readonly signal: AbortSignal;
}

/**
 * What may be done about what one probe finds broken: off until the operator says otherwise, its conditions in code, its
 * target out of the last look. The runtime asks every question again when it acts.
 */
export interface FixEnvelope {
  /** Of the probe that finds it broken. */
  readonly probe: string;
  /** `^[a-z][a-z0-9_]{0,63}$`; one of a name for each probe. */
  readonly fixName: string;
  /** One line for the operator: what it does. */
  readonly title: string;
  readonly mode: FixMode;
  /** Of the capability matrix. */
  readonly capability: string;
  readonly limits: {
    /** Attempts that were begun at one target in the last hour, whoever asked; 1 to 60. */
    readonly perTargetPerHour: number;
  };
  /** What of these the operator's own configuration says: nothing that is learned goes over it. Left out: none of them. */
  readonly written?: readonly ('mode' | 'perTargetPerHour')[];
  /** Milliseconds the executor has for one call, 100 to 300 000. */
  readonly timeoutMs: number;
  /** Milliseconds in which the probe must find it well again, twice in a row; 1 000 to 3 600 000. */
  readonly verifyMs: number;
  /** What a look named that this can be done to: read from it, and from nothing else. */
  targets(observation: FixObservation): readonly FixTarget[];
  /** All of them must hold, now. */
  conditions(situation: FixSituation): readonly FixCondition[];
  /** Reads the target: before, for the conditions, and after. It changes nothing. */
  observe(target: FixTarget, signal: AbortSignal): Promise<FixState>;
  /** Mends it. What it throws may have happened. */
  execute(target: FixTarget, call: FixCall): Promise<void>;
  /** Takes it back where the probe did not find it well in time. */
  rollback?(target: FixTarget, call: FixCall): Promise<void>;
}

/** An attempt, as it stands. Times are ISO 8601. */
export interface FixAttempt {
  readonly attemptId: number;
  readonly key: string;
  readonly probe: string;
  readonly fix: string;
  readonly plugin: string;
  readonly capability: string;
  readonly mode: FixMode;
  /** The learned change of its envelope that it was made under. */
  readonly learned: Pick<LearnedEnvelope, 'proposalId' | 'revision'> | null;
  readonly target: string;
  readonly incidentId: number | null;
  readonly wakeId: string | null;
  /** `operator`, `wake`, or the plugin whose engine asked. */
  readonly askedBy: string;
  /** The run of whoever thought of it; null where nobody thought. */
  readonly session: string | null;
  readonly ticketId: number | null;
  readonly reason: string;
  readonly status: AttemptStatus;
  readonly outcome: FixOutcome | null;
  /** One of the codes of a fix, or the cause by which the door refused. */
  readonly code: string | null;
  readonly detail: string | null;
  readonly approvalId: number | null;
  readonly conditions: readonly FixCondition[];
  readonly before: FixState | null;
  readonly after: FixState | null;
  readonly askedAt: string;
  readonly beganAt: string | null;
  readonly endedAt: string | null;
}

/** An envelope as it stands now, with what it could be done to. */
export interface FixOffer {
  readonly probe: string;
  readonly fix: string;
  readonly title: string;
  readonly plugin: string;
  readonly mode: FixMode;
  readonly capability: string;
  readonly perTargetPerHour: number;
  /** Null: it stands as its plugin brings it. */
  readonly learned: LearnedEnvelope | null;
  readonly verifyMs: number;
  readonly canRollBack: boolean;
  /** Out of the last look; empty while nothing fails. */
  readonly targets: readonly FixTarget[];
}
