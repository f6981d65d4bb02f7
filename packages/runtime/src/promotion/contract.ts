import type { z } from 'zod';
import type { Risk } from '../capability/contract.ts';
import type { LearnedUse, ModelTier, ReasonError, ReasonRoute } from '../reason/contract.ts';

// The words of other rooms that this one meets; it reads them here and nowhere else.
export type { Risk } from '../capability/contract.ts';
export type { PeriodicTaskSpec } from '../daemon/contract.ts';
export type { NewMessage } from '../message/contract.ts';
export type { LearnedUse } from '../reason/contract.ts';

/** What the operator made of a proposal. `superseded`: a newer revision, or another proposal for the same place, took over. */
export const proposalDecisions = ['pending', 'approved', 'rejected', 'expired', 'superseded'] as const;
export type ProposalDecision = (typeof proposalDecisions)[number];

/**
 * How far its change got. `applied`: in force and on trial; `kept`: its trial is over and it stays; `replaced`: it was kept,
 * and what another proposal learned for the place lies over it now.
 */
export const proposalApplications = [
  'not_started',
  'applied',
  'kept',
  'replaced',
  'failed',
  'rolled_back',
] as const;
export type ProposalApplication = (typeof proposalApplications)[number];

/** One thing that is to be other than it is: the value that `key` of a kind is to have. Plain JSON, no secrets. */
export interface ChangeSet {
  /** A registered kind: `phrasebook.entry`. */
  readonly kind: string;
  /** The place within the kind: a route, a probe and its fix, an entry's pattern. At most 300 characters. */
  readonly key: string;
  readonly value: unknown;
}

/** What was learned and is in force for one place; what ships and what the operator wrote stay as they are beneath it. */
export interface Overlay {
  readonly kind: string;
  readonly key: string;
  readonly value: unknown;
  readonly proposalId: number;
  /** Counts the changes of this place, from 1. */
  readonly revision: number;
  /** ISO 8601. */
  readonly since: string;
  /** On trial: a share of traffic goes the old way, to compare. Null once it is kept. */
  readonly trialUntil: string | null;
}

/** One line of what would be other. */
export interface ChangeLine {
  /** `reply`, `limits.perTargetPerHour`. */
  readonly path: string;
  /** Null: it was not there, or will not be. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What there is to be said about a change as things stand now. */
export interface ChangeSeen {
  readonly title: string;
  readonly risk: Risk;
  readonly lines: readonly ChangeLine[];
  /** Where it would be felt, in a line: `questions on slack_dm`, `up to 3 restarts an hour of unit shop.service`. */
  readonly blastRadius: string;
  /** Why it cannot be applied now: the place is gone, the operator wrote something there since. Null: it can. */
  readonly refusal: string | null;
}

/**
 * A kind of change, brought by whoever owns what is changed. The runtime keeps the values, applies and reverts them in one
 * transaction with their events; the owner reads what is in force and acts by it.
 */
export interface ChangeKindSpec {
  /** `^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`, unique in the runtime. */
  readonly kind: string;
  /** For the operator: what it changes. */
  readonly means: string;
  /** Parses `value`; a stored one that no longer fits is set aside and told, never guessed at. */
  readonly value: z.ZodType;
  /** Looks at a change as things stand now: before it is proposed, shown, approved and applied. It changes nothing. */
  examine(change: { readonly key: string; readonly value: unknown }): Promise<ChangeSeen>;
  /** Everything of this kind that is in force, at registration and after each change, on every runtime: acts by it from now on. */
  take(overlays: readonly Overlay[]): Promise<void>;
  /** What there is of this kind now, by key: what a loop needs to know beside the past. Without it there is nothing to know. */
  places?(): Promise<readonly ChangePlace[]>;
}

/** One place of a kind as it stands, what was learned included. Plain JSON, no secrets. */
export interface ChangePlace {
  readonly key: string;
  /** In the shape of the kind's values; null where there is none yet. */
  readonly value: unknown;
  /** What bears on a change and is not changed by it: the capability and its risk, what must stay, the length of a description. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A moment of history that a loop may read: ask for pages of it by `lookId`, which ends with the call it came with. */
export interface HistoryLook {
  readonly lookId: string;
  /** ISO 8601; the first is in, the last is out. */
  readonly since: string;
  readonly until: string;
  /** `shown`: what proposals may be made from; `held_out`: the part they were never shown; `all`: both. */
  readonly part: 'shown' | 'held_out' | 'all';
}

export interface HistoryPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

export interface HistoryQuery {
  readonly look: HistoryLook;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows at most, 1 to 5 000; default 1 000. */
  readonly limit?: number | undefined;
}

/** A question that ended, with what was said and what it took. */
export interface PastQuestion {
  readonly runId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly route: ReasonRoute;
  /** What is known alone of it (the subject of a mail is not), at most 2 000 characters. */
  readonly text: string;
  readonly answer: string;
  readonly status: 'answered' | 'incomplete' | 'refused' | 'failed';
  readonly by: 'phrasebook' | 'engine' | 'nobody';
  readonly error: ReasonError | null;
  readonly model: string | null;
  readonly tier: ModelTier | null;
  readonly routing: string | null;
  readonly calls: number;
  readonly costMicroUsd: number;
  readonly durationMs: number;
  readonly tools: readonly string[];
  /** The tools it was offered; null where that was not recorded. */
  readonly advertised: readonly string[] | null;
  /** Text of strangers was part of it: nothing that is told to others may be learned from its answer. */
  readonly untrusted: boolean;
  /** What of that which was learned it met: one for each place; none where nothing learned had a say. */
  readonly learned: readonly LearnedUse[];
  /** The snapshot the engine was handed: only where the query asks for it, since it is big; else null. */
  readonly snapshot: Readonly<Record<string, unknown>> | null;
}

/** One tool call of a run. */
export interface PastToolCall {
  readonly runId: string;
  readonly ordinal: number;
  /** ISO 8601. */
  readonly at: string;
  readonly route: ReasonRoute;
  readonly tool: string;
  /** Null where it is longer than 8 KiB. */
  readonly input: unknown;
  readonly ok: boolean;
  /** As it ended: `ok`, `not_advertised`, `failed`, … */
  readonly status: string;
  readonly durationMs: number;
  /** What the model saw, at most 2 000 characters. */
  readonly text: string;
}

/** One incident. */
export interface PastIncident {
  readonly incidentId: number;
  readonly probe: string;
  readonly target: string;
  readonly category: string;
  /** ISO 8601. */
  readonly openedAt: string;
  readonly resolvedAt: string | null;
}

/** One attempt at a fix, by whomever. */
export interface PastAttempt {
  readonly attemptId: number;
  /** Null where nobody had an incident of it. */
  readonly incidentId: number | null;
  readonly probe: string;
  readonly fix: string;
  readonly target: string;
  readonly mode: string;
  readonly askedBy: string;
  /** Null while it goes on. */
  readonly outcome: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly endedAt: string | null;
}

/**
 * What a loop reads of the past; pages, oldest first, in the same order each time. A page may be short, or empty, and not
 * be the last: that is `next`. Held-out is told by the run for questions and tool calls, by the incident for incidents and
 * for attempts that have one, so that what belongs together is on one side. What was forgotten is left out.
 */
export interface LoopHistory {
  /** `with`: beside the rest, what is big; pages are of 100 at most then. `runs`: of the look only these, at most 100. */
  questions(
    query: HistoryQuery & {
      readonly with?: 'snapshot' | undefined;
      readonly runs?: readonly string[] | undefined;
    },
  ): Promise<HistoryPage<PastQuestion>>;
  toolCalls(query: HistoryQuery): Promise<HistoryPage<PastToolCall>>;
  incidents(query: HistoryQuery): Promise<HistoryPage<PastIncident>>;
  attempts(query: HistoryQuery): Promise<HistoryPage<PastAttempt>>;
  /** Events of these types; the held-out part is told apart by `splitBy` of the payload, else by sequence. */
  events(
    query: HistoryQuery & { readonly types: readonly string[]; readonly splitBy?: string | undefined },
  ): Promise<HistoryPage<PastEvent>>;
}

export interface PastEvent {
  readonly seq: number;
  readonly type: string;
  /** ISO 8601. */
  readonly at: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What a loop expects a change to save. Measured over the window, not wished. */
export interface Gain {
  readonly microUsdPerDay: number;
  readonly secondsPerDay: number;
}

/** A figure that was measured, before and after; or on evidence the proposer did not see. */
export interface Figure {
  /** `precision`, `recall`, `cost_per_question_micro_usd`, `deflected`, `disagreement`. */
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
  /** How many it was measured on. */
  readonly samples: number;
}

/** What a loop would have changed, and why. */
export interface ProposalDraft {
  /** What repeats, and nothing that varies from cycle to cycle: plain JSON, in a stable order. The runtime hashes it with the loop's name. */
  readonly identity: unknown;
  readonly change: ChangeSet;
  readonly title: string;
  /** Why, in a few lines for the operator. */
  readonly why: string;
  readonly evidence: {
    /** How often it happened: a rejected proposal comes back once this has doubled. */
    readonly size: number;
    /** Up to 20 pieces, each a line a person can check, with where it is found: `run 01J…`, `event 4711`. */
    readonly samples: readonly { readonly text: string; readonly ref: string }[];
  };
  readonly baseline: readonly Figure[];
  readonly expected: Gain;
}

/** What became of a draft on the part of history that its proposer never saw. */
export interface Examination {
  readonly passed: boolean;
  /** In words: which bound was met or missed, with its figure. */
  readonly why: string;
  readonly figures: readonly Figure[];
  /** Over the held-out part alone, scaled to a day of the whole. */
  readonly gain: Gain;
}

export const measureVerdicts = ['better', 'no_worse', 'worse', 'unclear'] as const;

/** What a trial shows until now. */
export interface Measure {
  /** `unclear`: too little was seen to say. */
  readonly verdict: (typeof measureVerdicts)[number];
  readonly why: string;
  readonly figures: readonly Figure[];
  readonly gain: Gain;
}

/** How a loop is run. All of it comes from the configuration of the plugin that brings the loop. */
export interface LoopSettings {
  readonly enabled: boolean;
  /** Hours between two cycles, 1 to 168; the schedule is kept, so a restart neither skips nor repeats one. */
  readonly everyHours: number;
  /** Days of history it looks at, 1 to 90. */
  readonly windowDays: number;
  /** Days a proposal waits for a decision, 1 to 90. */
  readonly expiryDays: number;
  /** Hours a change is on trial, 1 to 720; longer while too little was seen, at most three times as long. */
  readonly trialHours: number;
  /** Low-risk changes are applied without the operator's word; all others never. Default false. */
  readonly applyLowRisk: boolean;
}

/** A loop: finds what repeats, proposes a change, and says what the change was worth. It changes nothing itself. */
export interface LoopSpec {
  /** `^promote_[a-z][a-z0-9_]{0,55}$`, unique in the runtime. */
  readonly name: string;
  /** One line for the operator. */
  readonly means: string;
  /** The kinds it proposes; another is refused. */
  readonly kinds: readonly string[];
  readonly settings: LoopSettings;
  /** Finds what repeats in the part of history it is shown. The same history gives the same drafts, in the same order. */
  observe(look: HistoryLook, signal: AbortSignal): Promise<Observed>;
  /** Judges a draft on the part of history that `observe` was not shown. What does not pass is not proposed. */
  examine(draft: ProposalDraft, heldOut: HistoryLook, signal: AbortSignal): Promise<Examination>;
  /** What a change that is in force has done: the window before it against the time since. */
  measure(
    change: ChangeSet,
    looks: { readonly before: HistoryLook; readonly since: HistoryLook },
    signal: AbortSignal,
  ): Promise<Measure>;
}

export interface Observed {
  /** Rows it read. */
  readonly observed: number;
  readonly drafts: readonly ProposalDraft[];
  /** Things the operator should know which no change would mend, by a stable key. */
  readonly notes?: readonly { readonly key: string; readonly text: string }[];
}

/** What a plugin has of promotion. */
export interface PromotionContext {
  /** Pages of a look that one of this plugin's loops was just handed. Throws KORA_LOOK_OVER for another. */
  readonly history: LoopHistory;
  /**
   * What there is of a kind now, by key; empty for a kind that nobody brings, or that tells nothing. Throws
   * KORA_ADMISSION_DENIED for a stranger who may not look at the past either.
   */
  places(kind: string): Promise<readonly ChangePlace[]>;
}
