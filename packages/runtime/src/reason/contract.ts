import type { CallAnswer, DenyCause } from '../admission/contract.ts';
import type { ResolvedIdentity } from '../identity/contract.ts';
import type { ReasonRoute } from './route/contract.ts';
import type { ToolOutcome, ToolView } from './tool/contract.ts';

export { reasonRoutes } from './route/contract.ts';
export type { ReasonRoute } from './route/contract.ts';
export type { Evidence, ToolAnswer, ToolCall, ToolOutcome, ToolSpec, ToolView } from './tool/contract.ts';

/** Why there is no answer, or none that is whole. */
export const reasonErrors = [
  'operational_state_paused',
  'operational_state_stopped',
  'cost_ladder_halted',
  'cost_capped',
  'engine_unavailable',
  'auth',
  'rate_limited',
  'server_error',
  'timeout',
  'transport',
  'cancelled',
  'tool_iterations_exceeded',
  'projection_failed',
  'unconfigured',
] as const;
export type ReasonError = (typeof reasonErrors)[number];

/** Which model a configuration has for what: the router climbs, the ladder of spend pushes down. */
export const modelTiers = ['small', 'standard', 'large'] as const;
export type ModelTier = (typeof modelTiers)[number];

/** Text of others that the question is about. A model is shown it delimited, as data and never as orders. */
export interface Quoted {
  /** `probe output`, `mail`, `log`, … */
  readonly source: string;
  readonly text: string;
  /** The evidence id by which it may be cited: letters, digits and `_.:@/+#-`, at most 160. It was read before the run. */
  readonly evidenceId?: string;
}

/** A question to whoever thinks in this workspace. */
export interface ReasonRequest {
  readonly route: ReasonRoute;
  readonly text: string;
  /** The part of the text that is known alone, where all of it is not: what stands below the subject of a mail. */
  readonly words?: string;
  /** Unique in the workspace: the same key is thought about once, and answered again from the record. */
  readonly key?: string;
  /** Whose turns before this one belong to it: `{ channel: 'cli', thread: 'default' }`. Without it there is no history. */
  readonly conversation?: { readonly channel: string; readonly thread: string };
  /** In whose name and under whose budget it is thought. */
  readonly ticket?: { readonly ticketId: number; readonly fence: number };
  readonly quoted?: readonly Quoted[];
  /** Asks for a verdict whose claims cite evidence. */
  readonly verdict?: boolean;
  /** May draw on what is kept for critical work. */
  readonly critical?: boolean;
  /** Why it woke, for the receipt: `incident 12`, `ticket 7`, `kora ask`. */
  readonly wake?: string;
  readonly causationId?: string;
  readonly limits?: Partial<RunLimits>;
  /** False: rules and the phrasebook are not asked first. Default true. */
  readonly phrasebook?: boolean;
}

export interface RunLimits {
  /** Model calls with tools before it must conclude; 1 to 5, default 5. */
  readonly iterations: number;
  /** Milliseconds in all; default 120 000, at most 900 000. */
  readonly deadlineMs: number;
  /** Micro-dollars in all; a cap passed in the middle ends the run, with one call's overshoot at most. Default none. */
  readonly costMicroUsd: number | null;
}

/** What a verdict says, and what it rests on. Ids that were not read are no evidence: what rests on them is shown as unproven. */
export interface Claim {
  readonly text: string;
  readonly evidence: readonly string[];
}

export interface Verdict {
  readonly claims: readonly (Claim & { readonly proven: boolean; readonly unread: readonly string[] })[];
  /** 0 to 1, as the model said it and capped by the share that is proven. */
  readonly confidence: number;
}

/** How something that was learned met a question. */
export interface LearnedUse {
  readonly kind: string;
  readonly key: string;
  readonly revision: number;
  /** `used`: it answered or decided; `compared`: the old way was gone, and this is what it would have said. */
  readonly as: 'used' | 'compared';
  readonly wouldHave: string | null;
}

/** What an answer took. Every answer has one, also those that were refused. */
export interface Receipt {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costMicroUsd: number;
  /** Some of it is estimated: a provider did not say what it counted, or the model has no price of its own. */
  readonly estimated: boolean;
  readonly durationMs: number;
  readonly rung: string;
  readonly wake: string;
  readonly model: string | null;
  readonly tier: ModelTier | null;
  /** The router's reason code. */
  readonly routing: string | null;
  readonly tools: readonly string[];
  readonly identityHash: string | null;
  readonly promptVersion: string | null;
  readonly phrasebookVersion: number | null;
  /** What was learned and had a say, by place and revision; left out where nothing did. */
  readonly learned?: readonly LearnedUse[];
}

export interface ReasonAnswer {
  readonly runId: string;
  /** `incomplete` has text and is never a pass. */
  readonly status: 'answered' | 'incomplete' | 'refused' | 'failed';
  readonly by: 'phrasebook' | 'engine' | 'nobody';
  readonly text: string;
  readonly error: ReasonError | null;
  /** What the door said, where it was the door: money that is back tomorrow is another matter than money that is gone. */
  readonly refusal?: { readonly cause: DenyCause; readonly scope?: string | undefined };
  /** In words, where there is more to say than the code does. */
  readonly why?: string;
  readonly verdict: Verdict | null;
  readonly receipt: Receipt;
}

/** One turn of a conversation, oldest first. */
export interface Turn {
  readonly direction: 'inbound' | 'outbound';
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What an engine is handed: everything it may know, so that the same inputs can be thought through again. */
export interface EngineRequest {
  readonly runId: string;
  readonly route: ReasonRoute;
  readonly text: string;
  readonly turns: readonly Turn[];
  readonly quoted: readonly Quoted[];
  readonly tools: readonly ToolView[];
  readonly identity: ResolvedIdentity;
  /** Fresh, or null. */
  readonly snapshot: Readonly<Record<string, unknown>> | null;
  readonly primaryState: string;
  readonly rung: string;
  /** The dearest tier that the ladder leaves; null at the hard stop. */
  readonly highestTier: ModelTier | null;
  readonly ticket: {
    readonly ticketId: number;
    readonly fence: number;
    readonly downshift: 'eligible' | 'frontier_only';
  } | null;
  readonly verdict: boolean;
  readonly critical: boolean;
  readonly limits: RunLimits;
}

/** What an engine says at the end. What it cost is counted from its calls, not from its word. */
export interface EngineAnswer {
  readonly status: 'answered' | 'incomplete' | 'failed';
  readonly text: string;
  readonly error?: ReasonError;
  readonly model?: string;
  readonly tier?: ModelTier;
  readonly routing?: string;
  readonly promptVersion?: string;
  /** What did not fit, in words: `4 turns`, `half of mail`. */
  readonly dropped?: readonly string[];
  readonly claims?: readonly Claim[];
  readonly confidence?: number;
  /** What was learned and had a say in how it thought: the parameters of its router. */
  readonly learned?: readonly LearnedUse[];
}

/** What an engine tells while it thinks. */
export type EngineSign =
  | { readonly kind: 'text'; readonly delta: string }
  | { readonly kind: 'model_call' | 'tool_call' | 'waiting'; readonly what: string };

/** Whoever thinks. One serves a workspace at a time; which, `reason.engine` says where several are installed. */
export interface EngineSpec {
  /** `^[a-z][a-z0-9_-]*$`. */
  readonly name: string;
  /** What its models cost and hold; asked for at registration and kept as the price table of its calls. */
  readonly models: readonly ModelSpec[];
  respond(
    request: EngineRequest,
    signal: AbortSignal,
    sign: (sign: EngineSign) => void,
  ): Promise<EngineAnswer>;
  /**
   * With which model it would begin, and the router's reason code: the same for the same request, with no call and at no
   * cost. Asked when a run is explained from its record.
   */
  decide?(request: EngineRequest): Promise<ModelChoice>;
}

export interface ModelChoice {
  /** Null: none may be asked. */
  readonly model: string | null;
  readonly tier: ModelTier | null;
  readonly routing: string;
  /** What was learned and has a say now; where it had another then, the choice cannot be decided again. */
  readonly learned?: readonly LearnedUse[];
}

export interface ModelSpec {
  /** As the configuration calls it; what overrides, receipts and figures name. */
  readonly name: string;
  readonly provider: string;
  readonly tier: ModelTier;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** Micro-dollars for a million tokens. Null: nobody said; it is priced at the dearest known. */
  readonly price: ModelPrice | null;
}

export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** A model call that is about to be made. What it may cost is worked out from the tokens, at the model's price. */
export interface ModelCallStart {
  readonly runId: string;
  /** Unique in the run. */
  readonly callId: string;
  readonly model: string;
  /** At least as many as the provider will count. */
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  /** What is sent, as it will be needed to think it through again; bounded at 1 MiB and kept with the run. */
  readonly request: unknown;
}

/** What the provider counted. Kinds of input are apart: `inputTokens` were neither read from a cache nor written to one. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export interface ModelCallEnd {
  readonly runId: string;
  readonly callId: string;
  readonly outcome: 'ok' | ReasonError;
  /** Null when the provider said nothing, or what cannot be: the reserved worst case is counted then, as an estimate. */
  readonly usage: ModelUsage | null;
  readonly response: unknown;
  readonly stopReason?: string;
  readonly firstTokenMs?: number;
  /** What the provider said is left of its limits, 0 to 1; near zero, what can wait is put off. */
  readonly headroom?: number;
}

/** The parts of the context that are about thinking. */
export interface ReasonContext {
  /** Asks whoever thinks here. Never throws for a reason the answer has a code for. */
  ask(request: ReasonRequest, signal?: AbortSignal): Promise<ReasonAnswer>;
}

/** What an engine works with, by run. Each is refused, with its cause, once the run is over. */
export interface EngineContext {
  /** Asks the door, reserves the worst case and records what is sent; nothing is sent without leave. */
  beginCall(start: ModelCallStart): Promise<CallAnswer>;
  /** Settles and records; once per call. What it cost, in micro-dollars. */
  endCall(end: ModelCallEnd): Promise<{ readonly costMicroUsd: number; readonly estimated: boolean }>;
  callTool(call: {
    readonly runId: string;
    readonly callId: string;
    readonly tool: string;
    readonly input: unknown;
    readonly reason?: string;
  }): Promise<ToolOutcome>;
}
