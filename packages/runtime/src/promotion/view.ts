import type { Transaction } from '../store/index.ts';
import type {
  Risk,
  ChangeLine,
  ChangeSet,
  Examination,
  Figure,
  Gain,
  LoopSettings,
  Measure,
  Overlay,
  ProposalApplication,
  ProposalDecision,
  ProposalDraft,
} from './contract.ts';

/** A proposal as it stands: its two status fields, and what its newest revision would change. */
export interface ProposalView {
  readonly id: number;
  readonly loop: string;
  readonly fingerprint: string;
  readonly revision: number;
  /** Names the exact content that is decided about. */
  readonly digest: string;
  readonly decision: ProposalDecision;
  readonly application: ProposalApplication;
  readonly title: string;
  readonly why: string;
  readonly risk: Risk;
  readonly change: ChangeSet;
  readonly evidence: ProposalDraft['evidence'];
  readonly baseline: readonly Figure[];
  readonly expected: Gain;
  /** What the held-out part of history said of it. */
  readonly examination: Examination;
  /** ISO 8601, all of them. */
  readonly proposedAt: string;
  readonly expiresAt: string;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly appliedAt: string | null;
  readonly trialUntil: string | null;
  /** What its trial showed last, and when. */
  readonly measure: Measure | null;
  readonly measuredAt: string | null;
  /** The proposal that took over. */
  readonly supersededBy: number | null;
}

/** One thing that was done about a proposal, by whom and why. */
export interface ProposalStep {
  readonly ordinal: number;
  /** ISO 8601. */
  readonly at: string;
  readonly actor: string;
  readonly reason: string;
  readonly decision: ProposalDecision;
  readonly application: ProposalApplication;
  readonly revision: number;
}

/** All there is to know before deciding. */
export interface ProposalDetail extends ProposalView {
  readonly lines: readonly ChangeLine[];
  readonly blastRadius: string;
  /** Why it could not be applied now. */
  readonly refusal: string | null;
  /** What stands there after a rollback: the overlay before, or null for what ships. */
  readonly rollbackTo: { readonly value: unknown; readonly revision: number } | null;
  readonly steps: readonly ProposalStep[];
  readonly revisions: readonly { readonly revision: number; readonly digest: string; readonly at: string }[];
}

/** What differs between two revisions of one proposal. */
export interface RevisionDiff {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly ChangeLine[];
}

export interface LoopRun {
  readonly loop: string;
  /** ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  readonly outcome: 'ok' | 'failed' | 'refused';
  /** What went wrong, or who refused. */
  readonly error: string | null;
  readonly observed: number;
  readonly drafts: number;
  readonly proposed: number;
  readonly unchanged: number;
  /** Drafts that came to nothing, and why. */
  readonly refused: readonly { readonly title: string; readonly why: string }[];
  readonly notes: readonly { readonly key: string; readonly text: string }[];
}

export interface LoopView {
  readonly name: string;
  readonly plugin: string;
  readonly means: string;
  readonly kinds: readonly string[];
  readonly settings: LoopSettings;
  readonly lastRun: LoopRun | null;
}

/** An overlay as an operator is shown it. */
export interface OverlayView extends Overlay {
  /** Why it does not act, where it does not. */
  readonly setAside: string | null;
}

/** The exact content a word is about, and whose word it is. */
export interface ProposalWord {
  readonly id: number;
  readonly revision: number;
  readonly digest: string;
  readonly by: string;
  readonly reason: string;
}

/** A refusal: where content is named, it is of exactly that. */
export type ProposalRefusal = ProposalDeed & {
  readonly revision?: number | undefined;
  readonly digest?: string | undefined;
};

/** A word that needs no content named: what it is about is in force, or was approved. */
export interface ProposalDeed {
  readonly id: number;
  readonly by: string;
  readonly reason: string;
}

/** Wraps a deed within its transaction: what makes the same word said twice one, and marks a decision as taken. */
export type Within = <T extends object>(tx: Transaction, work: () => Promise<T>) => Promise<T>;

export interface ProposalQuery {
  readonly decision?: ProposalDecision | undefined;
  readonly application?: ProposalApplication | undefined;
  readonly loop?: string | undefined;
  /** Lower numbers only: the next page. */
  readonly before?: number | undefined;
  /** 1 to 500; default 100. Newest first. */
  readonly limit?: number | undefined;
}
