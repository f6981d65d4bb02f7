import type { Admission } from '../admission/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { ApprovalStatus, Incident, NewMessage, ProbeState, Risk } from './contract.ts';

/** What an incident says to this room. */
export type OpenIncident = Pick<Incident, 'incidentId' | 'status' | 'wakeId' | 'causedBy'>;

export interface FixesOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'look' | 'redeem' | 'undo'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Puts a message to the operator in the outbox. */
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  /** A line in the timeline of an incident. */
  readonly note: (
    tx: Transaction,
    line: { readonly incidentId: number; readonly text: string },
  ) => Promise<void>;
  readonly probes: {
    /** What the last look saw; undefined when this runtime has no such probe. */
    state(probe: string): Promise<ProbeState | undefined>;
    /** Looks now, and counts it like any other look. */
    look(probe: string): Promise<ProbeState>;
  };
  /** Whether a caller has a live grant: for a dry run, which asks nobody. */
  readonly granted: (caller: string, capability: string) => Promise<boolean>;
  /** How much a capability can break; undefined for one that nobody here declares. */
  readonly riskOf: (capability: string) => Risk | undefined;
  readonly incident: (incidentId: number) => Promise<OpenIncident>;
  /** Resolves when the operator has answered or the time is over; undefined when the signal aborted first. */
  readonly decided: (approvalId: number, signal: AbortSignal) => Promise<ApprovalStatus | undefined>;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  readonly onError: (where: string, error: unknown) => void;
}
