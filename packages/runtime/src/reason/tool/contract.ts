import type { ZodType } from 'zod';
import type { DenyCause } from '../../admission/contract.ts';
import type { SideEffects } from '../../ticket/contract.ts';
import type { ReasonRoute } from '../route/contract.ts';

// What is done to the world outside in the name of a ticket is kept in the ticket's ledger, in its words.
export { sideEffects } from '../../ticket/contract.ts';
export type { OperationSpec, SideEffects } from '../../ticket/contract.ts';

/** A fact that was really read, with the id by which a verdict may cite it: `ticket:12`, `event:4711`, `probe:disk@2026-11-22T03:00:00Z`. */
export interface Evidence {
  readonly id: string;
  /** One line: what it says. */
  readonly what: string;
}

/** One tool call, as the tool meets it. */
export interface ToolCall {
  readonly runId: string;
  /** Unique in the workspace and the same when the call is made again: the key for whatever can deduplicate. */
  readonly callId: string;
  readonly route: ReasonRoute;
  /** Who asks: the plugin whose engine thinks, or `kora`. */
  readonly caller: string;
  /** False once text of strangers is in the run: what it asks for may be their wish. */
  readonly trusted: boolean;
  /** The ticket in whose name the run works; null outside of tickets. */
  readonly ticketId: number | null;
  /** Aborts at the tool's timeout, when the run ends, and when the runtime stops. */
  readonly signal: AbortSignal;
}

export interface ToolAnswer {
  /** Plain data or text; what is longer than the tool's bound is cut, and the model is told. */
  readonly content: unknown;
  readonly evidence?: readonly Evidence[];
  /** Text of strangers (mail, probe output, logs) is in it: it is delimited as data wherever a model sees it. */
  readonly untrusted?: boolean;
}

/** Nothing with these is ever a tool: whoever thinks cannot stop, and cannot take back a stop. */
export const neverOfTools: readonly string[] = [
  'cap_pause_request',
  'cap_resume_request',
  'cap_stop_request',
];

/** Something a model may ask for. Nothing that pauses, resumes or stops is ever one. */
export interface ToolSpec<Input = Readonly<Record<string, unknown>>> {
  /** `^[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*$`, at most 64 characters, unique in the runtime. */
  readonly name: string;
  /** What it does and when to use it, for the model; at most 1 000 characters. */
  readonly description: string;
  /** A field of it with `.meta({ sensitivity: 'secret' })` is not kept with the run. */
  readonly input: ZodType<Input>;
  /** Of the capability matrix. Without a grant for the plugin or the route a call is refused, or asked about. */
  readonly capability: string;
  readonly sideEffects: SideEffects;
  /** May run beside others of the same answer; default only for `sideEffects: 'none'`. */
  readonly parallel?: boolean;
  /** The routes it is advertised on; default all where whoever asks is granted the capability. */
  readonly routes?: readonly ReasonRoute[];
  /** The field or section of the snapshot that says the same: `tickets`. What is backed is proposed as no field of its own. */
  readonly snapshotField?: string;
  /** Milliseconds one call may take; default 10 000, at most 60 000. */
  readonly timeoutMs?: number;
  /** Bytes of its answer that a model sees at most; default 16 384, at most 65 536. */
  readonly maxBytes?: number;
  run(input: Input, call: ToolCall): Promise<ToolAnswer>;
}

/** A tool as a model is told of it. */
export interface ToolView {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of its input. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly parallel: boolean;
  readonly sideEffects: SideEffects;
}

/** How a tool call ended, in words that a model can go on with. A failed tool never ends a run. */
export type ToolOutcome =
  | {
      readonly status: 'ok';
      /** What the model sees; `untrusted` text comes delimited. */
      readonly text: string;
      readonly truncated: boolean;
      readonly evidence: readonly Evidence[];
      readonly durationMs: number;
    }
  /** The door said no; nothing was run. */
  | { readonly status: 'refused'; readonly cause: DenyCause; readonly approvalId?: number }
  /** Not in the set this run was advertised, an input that does not fit, or the very call of a moment ago. */
  | { readonly status: 'not_advertised' | 'invalid_input' | 'repeated'; readonly text: string }
  | { readonly status: 'failed' | 'timed_out'; readonly text: string; readonly durationMs: number };
