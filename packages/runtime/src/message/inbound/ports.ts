import type { Transaction } from '../../store/index.ts';
import type { DecisionAnswer, NewMessage } from '../contract.ts';
import type { Decided } from './door.ts';

/** Whether what came in may be handled: yes; not now, and the sender is told so; not now, and nothing is sent. */
export type Standing = 'open' | 'paused' | 'silent';

export interface InboundTicket {
  readonly kind: string;
  readonly title: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
  readonly origin: string;
  readonly trusted: boolean;
  readonly causationId?: string;
}

export interface Question {
  readonly text: string;
  /** The sender's words without the subject above them, where one stands there. */
  readonly words?: string;
  readonly key: string;
  readonly channel: string;
  /** At most 200 characters. */
  readonly thread: string;
  readonly wake: string;
  readonly causationId?: string;
}

/** What came of a question: an answer; a plain word in its place; nothing now, or not yet. */
export type Asked =
  | {
      readonly kind: 'answer';
      readonly by: 'phrasebook' | 'engine';
      readonly text: string;
      readonly runId: string;
    }
  | { readonly kind: 'plain'; readonly text: string; readonly runId: string }
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly error: string };

/** What handling uses of rooms beside this one. */
export interface InboundPorts {
  standing(): Standing;
  /** In the transaction that ends the message. */
  tell(tx: Transaction, message: NewMessage): Promise<void>;
  /** By a code that was sent with something that waits for the operator. Never throws for what it has a status for. */
  decide(answer: DecisionAnswer & { readonly channel: string }): Promise<Decided>;
  /**
   * That the operator knows of what this conversation tells, or of the alert of that number. Answers a line about it; undefined
   * where words without a number stand in the thread of no alert, and are none.
   */
  acknowledge(known: {
    readonly channel: string;
    readonly conversation: string;
    readonly alertId: number | null;
    readonly why: string | null;
  }): Promise<string | undefined>;
  /** Hands the operator's words to the newest of these tickets that waits for them, which goes on; undefined: none does. */
  answerTicket(
    tx: Transaction,
    answer: { readonly tickets: readonly number[]; readonly text: string },
  ): Promise<{ readonly ticketId: number } | undefined>;
  /** Once for its key. */
  addTicket(tx: Transaction, ticket: InboundTicket): Promise<{ readonly ticketId: number }>;
  ask(question: Question, signal: AbortSignal): Promise<Asked>;
}
