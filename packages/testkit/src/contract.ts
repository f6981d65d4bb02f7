import type {
  CallAnswer,
  CallRequest,
  ChainEvent,
  ChangePlace,
  Claim,
  EngineAnswer,
  Examination,
  FixCondition,
  FixOutcome,
  FixState,
  ModelTier,
  NewMessage,
  NewTicket,
  PastAttempt,
  PastEvent,
  PastIncident,
  PastQuestion,
  PastToolCall,
  Plugin,
  ProposalDraft,
  ReasonAnswer,
  ReasonError,
  ReasonRequest,
  ReasonRoute,
  TicketResult,
  TicketStatus,
  ToolOutcome,
  ToolView,
} from '@kora/runtime/plugin';
import type { FakeClock } from '@kora/runtime/testkit';

export interface TestRuntimeOptions {
  readonly plugin: Plugin;
  /** The plugin's block of the configuration, as an operator writes it; parsed by the plugin's own schema. */
  readonly config?: unknown;
  /** Values by the names that the manifest lists under `secrets`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default a clock of its own that stands at 2026-01-01T00:00:00Z. */
  readonly clock?: FakeClock;
  /** The folder of the plugin's package.json. With it the manifest is read, and what it declares is compared. */
  readonly packageDir?: string | URL;
  /** Whether the host trusts the plugin. Default false: a stranger's, as most are installed. */
  readonly trusted?: boolean;
  /** Default `default`. */
  readonly workspace?: string;
  /** False leaves the daemons where they are registered. Default true. */
  readonly start?: boolean;
  /** `pglite` gives `context.store` a database in memory; `@kora/pglite` must be installed. Default none. */
  readonly store?: 'pglite';
  /** How calls to a model and to others are answered at the door. Default: models are let through, the rest as granted. */
  readonly calls?: CallScript;
  /**
   * Who thinks when somebody asks: a text is an answer that cost nothing. Default the plugin's own engine; without one
   * nobody does, and the answer says `unconfigured`.
   */
  readonly model?: ModelScript;
  /** What the plugin's loops find when they look back. Default nothing. */
  readonly past?: TestPast;
  /** Capabilities that the operator has granted the plugin. Default none. */
  readonly grants?: readonly string[];
  /** Hears everything that happens, as it happens. */
  readonly onHappening?: (happening: Happening) => void;
}

/** Answers a call; undefined leaves it to the capabilities. */
export type CallScript = (request: CallRequest) => CallAnswer | undefined;

/** Answers a question in the place of a model, and may use the plugin's tools as one. */
export type ModelScript = (
  question: ReasonRequest,
  hands: ModelHands,
) => ScriptedAnswer | string | Promise<ScriptedAnswer | string>;

export interface ModelHands {
  /** The plugin's tools, as a model is told of them on the question's route. */
  readonly tools: readonly ToolView[];
  callTool(tool: string, input?: unknown): Promise<ToolOutcome>;
  /** Aborts when the question is given up, or its time is over. */
  readonly signal: AbortSignal;
}

/** A past that a test makes up: rows in the order of their time, and what there is of a kind now. */
export interface TestPast {
  readonly questions?: readonly PastQuestion[];
  readonly toolCalls?: readonly PastToolCall[];
  readonly incidents?: readonly PastIncident[];
  readonly attempts?: readonly PastAttempt[];
  readonly events?: readonly PastEvent[];
  readonly places?: Readonly<Record<string, readonly ChangePlace[]>>;
}

/** A stretch of time, ISO 8601; the first is in, the last is out. */
export interface LoopWindow {
  readonly since: string;
  readonly until: string;
}

/** The time before a change, and the time since. */
export interface LoopWindows {
  readonly before: LoopWindow;
  readonly since: LoopWindow;
}

/** What one cycle of a loop came to. */
export interface LoopFinding {
  readonly observed: number;
  readonly drafts: readonly { readonly draft: ProposalDraft; readonly examination: Examination }[];
  readonly notes: readonly { readonly key: string; readonly text: string }[];
}

/** What a script answers. Claims are held against what was read, as those of a model are. */
export interface ScriptedAnswer {
  readonly text?: string;
  /** Default `answered`, and `failed` with an error. */
  readonly status?: EngineAnswer['status'];
  readonly error?: ReasonError;
  readonly claims?: readonly Claim[];
  readonly confidence?: number;
  readonly model?: string;
  readonly tier?: ModelTier;
  /** What the receipt is to say; default nothing. */
  readonly costMicroUsd?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** One question, and what was answered. */
export interface MadeRun {
  readonly request: ReasonRequest;
  readonly answer: ReasonAnswer;
}

export interface ToolCallOptions {
  /** Where the question came from in which a model calls it. Default `cli`. */
  readonly route?: ReasonRoute;
  /** Calls of one name know of each other, as those of one question do. Default each call is of its own. */
  readonly run?: string;
  /** Of a ticket that is in the plugin's hands. */
  readonly ticket?: { readonly ticketId: number; readonly fence: number };
  readonly signal?: AbortSignal;
}

/** One thing that happened, in words: what woke the plugin, what it decided, what that cost, what is on the chain. */
export interface Happening {
  readonly kind: 'wake' | 'decision' | 'cost' | 'event' | 'log';
  /** ISO 8601, by the test's clock. */
  readonly at: string;
  readonly text: string;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A message to the operator. `receipt` is what a channel of the plugin answered; null in the inbox. */
export interface TestMessage extends NewMessage {
  readonly at: string;
  readonly receipt: string | null;
}

export interface TestTicket extends NewTicket {
  readonly ticketId: number;
  readonly status: TicketStatus;
  readonly attempts: number;
  /** What the last attempt answered. */
  readonly result: TicketResult | null;
  readonly notes: readonly string[];
}

/** A call that the plugin asked leave for, what it was told, and what it then said the call had cost. */
export interface MadeCall {
  readonly request: CallRequest;
  readonly answer: CallAnswer;
  /** Millionths of a dollar; null until it is settled. */
  readonly costMicroUsd: number | null;
}

export interface DaemonState {
  readonly name: string;
  readonly state: 'registered' | 'running' | 'failed' | 'stopped';
  readonly error: string | null;
}

/** Which fix, and of what; the only ones where none is named. */
export interface FixWish {
  readonly fix?: string;
  readonly target?: string;
}

/** What came of a fix that was tried; `code` as a real runtime says it. */
export interface TriedFix {
  readonly outcome: FixOutcome;
  readonly code: string | null;
  readonly detail: string | null;
  readonly target: string | null;
  readonly conditions: readonly FixCondition[];
  readonly before: FixState | null;
  readonly after: FixState | null;
}

/** An event of the house, made up by a test. */
export type RaisedEvent = Pick<ChainEvent, 'type' | 'payload'> &
  Partial<Pick<ChainEvent, 'correlationId' | 'causationId' | 'ticketId'>>;
