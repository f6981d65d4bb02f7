import type { ZodType } from 'zod';
import type { EventDraft } from '../chain/contract.ts';
import type { NewMessage } from '../message/contract.ts';

export const ticketPriorities = ['frontier', 'high', 'normal', 'low'] as const;
export type TicketPriority = (typeof ticketPriorities)[number];

/** The ticket's life, as people and programs see it; DOMAIN §6 maps each to where its row lies. */
export const ticketStatuses = [
  'assigned',
  'waiting',
  'claimed',
  'in_progress',
  'released',
  'failed_retryable',
  'deferred_cost_limit',
  'blocked_needs_operator',
  'completed',
  'failed_terminal',
  'cancelled',
] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

/** How an attempt may end, in a handler's words. */
export const ticketResolutions = [
  'completed',
  'failed_retryable',
  'failed_terminal',
  'blocked_needs_operator',
  'deferred_cost_limit',
  'released',
] as const;

/**
 * What kind of failure it was. Only the first three are the ticket's own and count towards the three that end it; the others
 * are the weather's.
 */
export const failureClasses = [
  'logical',
  'payload',
  'policy',
  'timeout',
  'network',
  'store',
  'tool',
  'budget',
] as const;
export type FailureClass = (typeof failureClasses)[number];

/** What an operation does to the world, and so what may be done when nobody knows whether it happened. */
export const sideEffects = ['none', 'idempotent', 'once'] as const;
export type SideEffects = (typeof sideEffects)[number];

/** What the operator does to one ticket. */
export const operatorVerbs = [
  'cancel',
  'force_retry',
  'unblock',
  'reassign',
  'release',
  'reprioritise',
] as const;
export type OperatorVerb = (typeof operatorVerbs)[number];

export interface NewTicket {
  /** Which handler works it. Nothing is claimed for a kind that has none. */
  readonly kind: string;
  readonly title: string;
  readonly objective?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly priority?: TicketPriority;
  /** May be claimed while the runtime is degraded to critical work. */
  readonly critical?: boolean;
  /** Whether a cheaper model may work it when money is short; default `frontier_only`. Set by people or by the kind. */
  readonly downshift?: 'eligible' | 'frontier_only';
  /** Whose work it is; default `kora`: any runtime of the workspace. */
  readonly assignedTo?: string;
  /** ISO 8601: not claimable before. */
  readonly notBefore?: string;
  /** Tickets that must be completed first; at most 100. */
  readonly blockedBy?: readonly number[];
  /** Unique in the workspace: a second ticket with the key is the first one. */
  readonly idempotencyKey?: string;
  /** Who made it, and whether its text may be believed. Default `operator`, trusted. */
  readonly origin?: string;
  readonly trusted?: boolean;
  readonly correlationId?: string;
  readonly causationId?: string;
}

/** One effect on the world outside, as the ledger keeps it. */
export interface OperationSpec {
  /** Unique in the ticket and the same over all attempts: it is what the operation is known by. */
  readonly id: string;
  readonly tool: string;
  readonly sideEffects: SideEffects;
  /** What tells one request from another: a second attempt that asks something else under the same id is refused. */
  readonly request?: unknown;
  /** Looks whether an operation that was begun and never ended did happen. */
  readonly inspect?: (key: string) => Promise<OperationSeen>;
}
export type OperationSeen =
  | { readonly happened: true; readonly result: unknown }
  | { readonly happened: false };

/** What a holder says of how far it is. */
export interface TicketProgress {
  /** 0 to 100. */
  readonly percent?: number;
  readonly detail?: string;
}

/** A ticket in a handler's hands. The claim itself stays with the worker. */
export interface TicketWork<Payload = Readonly<Record<string, unknown>>> {
  readonly ticketId: number;
  readonly kind: string;
  readonly title: string;
  readonly objective: string;
  readonly payload: Payload;
  readonly attempt: number;
  /** Which claim of the ticket this is; only rises. An earlier holder has a lower one, and no standing. */
  readonly fence: number;
  readonly correlationId: string | null;
  /** Whether its text may be believed as the operator's; absent where nobody says so. */
  readonly trusted?: boolean;
  /** Aborts when the lease is lost, the deadline passes or the runtime stops. */
  readonly signal: AbortSignal;
  /** Says that the work goes on: the deadline is counted from now. Never waits and never fails. */
  progress(report?: TicketProgress): void;
  /** Puts a line on the ticket's timeline. Throws KORA_TICKET_STALE_FENCE when the ticket is not ours any more. */
  note(text: string): Promise<void>;
  /**
   * Does something to the world outside at most as often as its side effects allow. What an earlier attempt committed is
   * answered from the ledger and not done again; what an earlier attempt began is done again under the same key, or
   * inspected, or, for `once`, refused with KORA_OPERATION_UNKNOWN. `run` is given the key to send along.
   * Throws KORA_TICKET_STALE_FENCE.
   */
  operation<Result>(
    spec: OperationSpec,
    run: (key: string, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
}

/** Rows that land together with what they follow from, or not at all. */
export interface Consequences {
  readonly tickets?: readonly NewTicket[];
  readonly messages?: readonly NewMessage[];
  readonly events?: readonly EventDraft[];
}

/** What a handler answers. Its consequences land in the transaction that resolves the ticket under its fence. */
export interface TicketResult extends Consequences {
  readonly resolution: (typeof ticketResolutions)[number];
  readonly summary: string;
  readonly result?: Readonly<Record<string, unknown>>;
  /** For a failure; default `logical`. */
  readonly failure?: { readonly class: FailureClass; readonly reason?: string };
  /** Milliseconds until the next attempt, instead of the usual ones. */
  readonly retryAfterMs?: number;
  /** What thinking it took. */
  readonly modelTier?: string;
  readonly tokens?: number;
  readonly costMicroUsd?: number;
}

export interface TicketHandler<Payload = Readonly<Record<string, unknown>>> {
  readonly kind: string;
  /** How many of this kind one runtime works at once, default 2. */
  readonly concurrency?: number;
  /** Milliseconds without progress that one attempt may take, default 600 000. */
  readonly deadlineMs?: number;
  /** Tickets taken ahead of a free hand at most; default as many as a third of the session's lease will reach, up to 500. */
  readonly prefetch?: number;
  /** Millionths of a dollar that one attempt may spend; its claim sets them aside. Default 0: by rules alone. */
  readonly budgetMicroUsd?: number;
  /** A payload that does not fit ends the ticket. */
  readonly payload?: ZodType<Payload>;
  /** A throw is a failure of the class its error names; three logical ones end the ticket. */
  work(ticket: TicketWork<Payload>): Promise<TicketResult>;
}
