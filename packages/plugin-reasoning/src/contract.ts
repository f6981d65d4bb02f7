import type { Claim, EngineRequest, LearnedUse, ModelSpec } from '@kora/runtime/plugin';
import type { Choice } from './router/contract.ts';

/** Which model answers, and why: what the router says and the loop obeys. */
export type Routing = Choice & { readonly model: ModelSpec };

/** No model may answer. */
export interface Unrouted {
  readonly model: null;
  readonly reason: string;
}

/** A whole answer without further tool calls, before anybody else has seen it. */
export interface FirstAnswer {
  readonly text: string;
  /** How many tools were called on the way. */
  readonly toolCalls: number;
  /** Of a verdict that was asked for and could be read. */
  readonly claims?: readonly Claim[];
  readonly confidence?: number;
  /** Evidence ids that were read by then: a claim that cites none of them proves nothing. */
  readonly read: ReadonlySet<string>;
}

/** Who chooses the model. Pure of time and of the network. */
export interface Router {
  /** What was learned of its parameters and has a say. */
  readonly learned?: readonly LearnedUse[];
  choose(request: EngineRequest): Routing | Unrouted;
  /** After a first answer: another model and why, or null where it is good enough. Asked once in a run. */
  escalate(request: EngineRequest, routing: Routing, answer: FirstAnswer): Routing | null;
}
