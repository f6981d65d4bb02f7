import type { ChainEvent, EventQuery } from '../chain/index.ts';
import type { FixAttempt, FixOffer, FixWish } from '../fix/index.ts';
import type { NewMessage } from '../message/index.ts';
import type { Incident, ProbeResult, ProbeState } from '../probe/index.ts';
import type { NewTicket, TicketHistory, TicketView } from '../ticket/index.ts';

/** One effect on the world outside, with whose it is. */
export interface LedgerEntry {
  readonly ticketId: number;
  readonly operationId: string;
  readonly tool: string;
  readonly sideEffects: string;
  readonly status: string;
  readonly dispatches: number;
  readonly error: string | null;
  readonly allocatedAt: string;
  readonly endedAt: string | null;
}

/** What of the runtime the tools read. Every answer is read when it is asked. */
export interface HouseReads {
  operationalState(): object;
  health(): Promise<object>;
  tickets(query: { readonly status?: string | undefined; readonly limit: number }): Promise<TicketView[]>;
  ticket(
    ticketId: number,
  ): Promise<{ readonly view: TicketView; readonly history: TicketHistory } | undefined>;
  events(query: EventQuery): Promise<readonly ChainEvent[]>;
  /** An event in words, and what of its payload may leave the house. */
  told(event: ChainEvent): { readonly words: string; readonly payload: Readonly<Record<string, unknown>> };
  ledger(query: { readonly ticketId?: number | undefined; readonly limit: number }): Promise<LedgerEntry[]>;
  probes(): Promise<readonly ProbeState[]>;
  probeHistory(query: { readonly probe: string; readonly limit: number }): Promise<ProbeResult[]>;
  incidents(query: {
    readonly status?: 'open' | 'resolved' | undefined;
    readonly limit: number;
  }): Promise<Incident[]>;
  /** What may be mended, of one probe or all, with what it could be done to now. */
  fixes(probe: string | undefined): Promise<FixOffer[]>;
  /** How everything stands, written down; null where the store is away. */
  snapshot(): Promise<{ readonly snapshotId: number; readonly snapshot: object } | null>;
}

/** What is bounded by the hour, and counted once for its key. */
export interface Bounded {
  readonly tool: string;
  readonly key: string;
}

/** What the tools do. */
export interface HouseDeeds {
  /** The ticket's number. Throws KORA_OPERATION_REFUSED past the bound. */
  addTicket(ticket: NewTicket, bounded: Bounded): Promise<number>;
  /** The message's number. Throws KORA_OPERATION_REFUSED past the bound, KORA_ARTIFACT_UNKNOWN. */
  tell(message: NewMessage, bounded: Bounded, about: MessageFacts): Promise<number>;
  /** As it stands when it ended, waits for the operator, or `waitMs` are over. */
  attemptFix(wish: FixWish, waitMs: number): Promise<FixAttempt>;
}

/** What the event about a message says of it. */
export interface MessageFacts {
  readonly session: string;
  readonly subject: string;
  readonly ticketId: number | null;
}

export interface HouseToolPorts {
  readonly reads: HouseReads;
  readonly deeds: HouseDeeds;
}
