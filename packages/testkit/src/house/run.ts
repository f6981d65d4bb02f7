import { asHistory, judgeVerdict, limitsOf, receiptOf } from '@kora/runtime/testkit';
import type { CallFigures, RunFacts } from '@kora/runtime/testkit';
import type {
  Claim,
  ModelTier,
  ReasonAnswer,
  ReasonError,
  ReasonRequest,
  ResolvedIdentity,
  RunLimits,
  ToolOutcome,
  Turn,
} from '@kora/runtime/plugin';

/** What was answered, before it is held against what was read. */
export interface Said {
  readonly status: ReasonAnswer['status'];
  readonly text: string;
  readonly error: ReasonError | null;
  readonly refusal?: ReasonAnswer['refusal'];
  readonly claims?: readonly Claim[];
  readonly confidence?: number;
  readonly model?: string;
  readonly tier?: ModelTier;
  readonly routing?: string;
  readonly promptVersion?: string;
}

/** One call of a run: what was set aside for it, and what it came to. */
export interface RunCall {
  readonly model: string;
  readonly reservedMicroUsd: number;
  settled: CallFigures | undefined;
}

export interface RunParts {
  readonly runId: string;
  readonly request: ReasonRequest;
  readonly identity: ResolvedIdentity;
  /** Of the conversation, oldest first. */
  readonly turns: readonly Turn[];
  /** Ids that were read before it in the same conversation. */
  readonly readBefore: ReadonlySet<string>;
  readonly facts: RunFacts;
  /** Milliseconds since 1970. */
  readonly begunAt: number;
}

/** A question under way in memory. */
export class Run {
  readonly runId: string;
  readonly request: ReasonRequest;
  readonly identity: ResolvedIdentity;
  readonly facts: RunFacts;
  readonly limits: RunLimits;
  readonly turns: readonly Turn[];
  readonly calls: Map<string, RunCall> = new Map();
  readonly read: Set<string>;
  /** What the engine streamed. */
  said = '';
  /** Why the door refused a model call, the last time it did. */
  refused: ReasonAnswer['refusal'];
  readonly #tools: string[] = [];
  readonly #begunAt: number;

  constructor(parts: RunParts) {
    const { request, readBefore } = parts;
    this.runId = parts.runId;
    this.request = request;
    this.identity = parts.identity;
    this.facts = parts.facts;
    this.limits = limitsOf(request.limits);
    this.turns = asHistory(parts.turns);
    const quoted = (request.quoted ?? []).flatMap(({ evidenceId }) =>
      evidenceId === undefined ? [] : [evidenceId],
    );
    this.read = new Set([...readBefore, ...quoted]);
    this.#begunAt = parts.begunAt;
  }

  /** Micro-dollars spent or set aside. */
  get spent(): number {
    return this.#figures().reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
  }

  toolCalled(tool: string, outcome: ToolOutcome): void {
    this.#tools.push(tool);
    if (outcome.status === 'ok') for (const { id } of outcome.evidence) this.read.add(id);
  }

  answer(said: Said, by: ReasonAnswer['by'], wake: string, now: number): ReasonAnswer {
    const { request, identity } = this;
    return {
      runId: this.runId,
      status: said.status,
      by,
      text: said.text,
      error: said.error,
      ...(said.refusal === undefined ? {} : { refusal: said.refusal }),
      verdict: request.verdict === true && said.text !== '' ? judgeVerdict(said, this.read) : null,
      receipt: receiptOf(this.#figures(), {
        durationMs: now - this.#begunAt,
        rung: 'normal',
        wake: request.wake ?? (request.ticket === undefined ? wake : `ticket ${request.ticket.ticketId}`),
        model: said.model ?? null,
        tier: said.tier ?? null,
        routing: said.routing ?? null,
        tools: this.#tools,
        identityHash: identity.hash,
        promptVersion: said.promptVersion ?? null,
        phrasebookVersion: null,
      }),
    };
  }

  #figures(): CallFigures[] {
    return [...this.calls.values()].map(
      ({ settled, reservedMicroUsd }) =>
        settled ?? { usage: null, costMicroUsd: reservedMicroUsd, estimated: true },
    );
  }
}
