import type { Transaction } from '../../store/index.ts';

export type DecisionStatus = 'open' | 'answered' | 'expired' | 'withdrawn';

export type Verdict = 'approve' | 'deny';

/** Something that waits for the operator's word. Times are ISO 8601. */
export interface DecisionView {
  readonly decisionId: number;
  /** `approval`, `ticket`, `drill`, … */
  readonly kind: string;
  /** What it is about, by the words of its kind: the number of an approval, of a ticket. */
  readonly subject: string;
  readonly asker: string;
  readonly title: string;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly status: DecisionStatus;
  readonly verdict: Verdict | null;
  readonly endedAt: string | null;
  readonly answeredBy: string | null;
  /** The channel over which, or `api`. */
  readonly answeredVia: string | null;
  readonly note: string | null;
}

/** How a subject stands that no longer waits, whoever ended that. */
export interface Ended {
  readonly subject: string;
  readonly status: Exclude<DecisionStatus, 'open'>;
  readonly verdict?: Verdict;
  readonly by?: string;
}

export interface Answering {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly by: string;
  /** Why; never empty. */
  readonly reason: string;
  /** The channel over which, or `api`. */
  readonly via: string;
}

/** Marks the decision in the transaction of the deed, or undoes both. */
export type Marked = <T>(tx: Transaction, deed: () => Promise<T>) => Promise<T>;

/** Whoever has what decisions of one kind are about. */
export interface Decider {
  readonly kind: string;
  /** Does what was decided, in one transaction with the mark. */
  decide(answering: Answering, marked: Marked): Promise<void>;
  /** Which of these no longer wait. */
  ended(subjects: readonly string[]): Promise<readonly Ended[]>;
  /** Nobody answered: in the transaction that says so. */
  over?(tx: Transaction, subject: string): Promise<void>;
}

/** What became of an answer, for whoever gave it. */
export interface Decided {
  readonly status: 'answered' | 'answered_before' | 'over' | 'unknown' | 'refused';
  readonly text: string;
}
