import type { ModelUsage, ReasonAnswer, ReasonError, ReasonRoute, RunLimits, ToolView } from '../contract.ts';
import type { ModelTier } from '../contract.ts';
import type { RunFacts, ServingEngine } from '../ports.ts';
import type { CallFigures } from '../receipt.ts';

/** One model call of a run, under way or over. */
export interface CallState {
  readonly callId: string;
  readonly ordinal: number;
  readonly model: string;
  readonly reservedMicroUsd: number;
  /** More tokens than this were not sent, and are not believed. */
  readonly tokenBound: number;
  settled:
    | { readonly usage: ModelUsage | null; readonly costMicroUsd: number; readonly estimated: boolean }
    | undefined;
}

/** Why the runtime itself ended a run, before its engine had answered. */
export interface RunEnd {
  readonly error: ReasonError;
  readonly why: string;
}

export interface LiveRunParts extends Omit<RunFacts, 'signal'> {
  readonly untrusted: boolean;
  readonly key: string | null;
  /** Whom the journal names for what it costs. */
  readonly payer: string;
  readonly engine: ServingEngine;
  readonly limits: RunLimits;
  readonly highestTier: ModelTier;
  readonly critical: boolean;
}

const longestPartial = 65_536;

/** A run under way in this process: what it may do, what it took so far, and whether it goes on. */
export class LiveRun implements RunFacts {
  readonly runId: string;
  readonly route: ReasonRoute;
  readonly caller: string;
  readonly ticket: RunFacts['ticket'];
  readonly tools: readonly ToolView[];
  readonly untrusted: boolean;
  readonly identityHash: string | null;
  readonly key: string | null;
  readonly payer: string;
  readonly engine: ServingEngine;
  readonly limits: RunLimits;
  readonly highestTier: ModelTier;
  readonly critical: boolean;
  readonly calls: Map<string, CallState> = new Map();
  readonly toolsCalled: string[] = [];
  /** Ids that were read in this run. */
  readonly read: Set<string> = new Set();
  /** Why the door refused a model call, the last time it did. */
  refused: ReasonAnswer['refusal'];
  /** Its answer is on record: what comes now comes late. */
  isOver = false;
  #end: RunEnd | undefined;
  #said = '';
  readonly #abort = new AbortController();

  constructor(parts: LiveRunParts) {
    this.runId = parts.runId;
    this.route = parts.route;
    this.caller = parts.caller;
    this.ticket = parts.ticket;
    this.tools = parts.tools;
    this.untrusted = parts.untrusted;
    this.identityHash = parts.identityHash;
    this.key = parts.key;
    this.payer = parts.payer;
    this.engine = parts.engine;
    this.limits = parts.limits;
    this.highestTier = parts.highestTier;
    this.critical = parts.critical;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get end(): RunEnd | undefined {
    return this.#end;
  }

  /** What was streamed of an answer that never came whole. */
  get said(): string {
    return this.#said;
  }

  /** Nothing more is begun in it; the first reason stays. */
  stop(end: RunEnd): void {
    if (this.isOver) return;
    this.#end ??= end;
    this.#abort.abort(new Error(`${end.error}: ${end.why}`));
  }

  /** What it could do is over, also for whatever still runs in its name. */
  close(): void {
    this.isOver = true;
    this.#abort.abort(new Error('the run is over'));
  }

  hear(delta: string): void {
    this.#said = (this.#said + delta).slice(0, longestPartial);
  }

  /** What its calls came to, in the order they were begun; one without an end counts what is reserved for it. */
  figures(): CallFigures[] {
    return [...this.calls.values()].map(
      ({ settled, reservedMicroUsd }) =>
        settled ?? { usage: null, costMicroUsd: reservedMicroUsd, estimated: true },
    );
  }

  /** Micro-dollars spent or under way. */
  spent(): number {
    return this.figures().reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
  }
}
