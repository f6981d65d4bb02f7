import type { Transaction } from '../../store/index.ts';
import type { ChainEvent } from '../contract.ts';

/** What a reaction writes, in the transaction that moves the cursor. */
export type Reaction = (tx: Transaction) => Promise<void>;

/** A durable reader of one workspace's chain: events of another workspace are on another chain. */
export interface Subscription {
  /** Unique in the workspace. */
  readonly consumer: string;
  /** Types or prefixes; none is everything. One that is changed keeps the cursor. */
  readonly types: readonly string[];
  /** Where a consumer that was never seen begins: a number is the first sequence it may see. */
  readonly from: 'now' | 'beginning' | number;
  /** Milliseconds a reaction may take before it counts as failed; default 30 s. */
  readonly deadlineMs?: number | undefined;
  /**
   * How many reactions may share one transaction; default 1. They land together or not at all; when they do not, they are
   * tried again one by one. Worth it for a consumer that writes for most events and whose decisions need not see what the
   * one before wrote.
   */
  readonly batch?: number | undefined;
  /**
   * Decides, outside any transaction; what it returns is written with the cursor, or neither is. An event may be decided
   * on more than once, but what is returned lands once. The signal aborts when the deadline has passed.
   */
  react(event: ChainEvent, signal: AbortSignal): Promise<Reaction | undefined>;
}

export interface ConsumerState {
  readonly consumer: string;
  readonly types: readonly string[];
  readonly cursor: number;
  /** Events on the chain after the cursor, wanted or not. */
  readonly lag: number;
  /** Milliseconds since the oldest of them happened, by the database's clock; 0 when there is none. */
  readonly lagMs: number;
  /** `nowhere`: its plugin is gone, or the runtime that ran it is. */
  readonly running: 'here' | 'elsewhere' | 'nowhere';
  readonly parked: number;
  /** Failures of the event it is at. */
  readonly attempts: number;
  readonly lastError: string | null;
  readonly movedAt: Date;
}

/** An event a consumer could not take, as it waits for people. */
export interface ParkedEvent {
  readonly consumer: string;
  readonly seq: number;
  readonly error: string;
  readonly attempts: number;
  readonly parkedAt: Date;
  /** When a replay was asked for that has not been tried yet. */
  readonly replayRequestedAt: Date | null;
  /** Null when the chain was pruned past it. */
  readonly event: ChainEvent | null;
}
