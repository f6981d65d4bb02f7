import type { EventDraft } from '../chain/contract.ts';
import type { NewMessage } from '../message/contract.ts';

export const ticketPriorities = ['frontier', 'high', 'normal', 'low'] as const;
export type TicketPriority = (typeof ticketPriorities)[number];

/** The ticket's life, as people and programs see it; DOMAIN §6 maps each to where its row lies. */
export const ticketStatuses = [
  'assigned',
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
] as const;

export interface NewTicket {
  /** Which handler works it. Nothing is claimed for a kind that has none. */
  readonly kind: string;
  readonly title: string;
  readonly objective?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly priority?: TicketPriority;
  /** May be claimed while the runtime is degraded to critical work. */
  readonly critical?: boolean;
  /** Unique in the workspace: a second ticket with the key is the first one. */
  readonly idempotencyKey?: string;
  /** Who made it, and whether its text may be believed. Default `operator`, trusted. */
  readonly origin?: string;
  readonly trusted?: boolean;
  readonly correlationId?: string;
  readonly causationId?: string;
}

/** A ticket in a handler's hands. The claim itself stays with the worker. */
export interface TicketWork {
  readonly ticketId: number;
  readonly kind: string;
  readonly title: string;
  readonly objective: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  /** Which claim of the ticket this is; only rises. An earlier holder has a lower one, and no standing. */
  readonly fence: number;
  readonly correlationId: string | null;
  /** Aborts when the lease is lost, the deadline passes or the runtime stops. */
  readonly signal: AbortSignal;
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
}

export interface TicketHandler {
  readonly kind: string;
  /** How many of this kind one runtime works at once, default 2. */
  readonly concurrency?: number;
  /** Milliseconds one attempt may take, default 600 000. */
  readonly deadlineMs?: number;
  /** A throw is a retryable failure; three of them end the ticket. */
  work(ticket: TicketWork): Promise<TicketResult>;
}
