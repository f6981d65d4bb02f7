import type {
  CallAnswer,
  CallRequest,
  ChainEvent,
  NewMessage,
  NewTicket,
  Plugin,
  TicketResult,
  TicketStatus,
} from '@kora/runtime/plugin';
import type { FakeClock } from '@kora/runtime/testkit';

export interface TestRuntimeOptions {
  readonly plugin: Plugin;
  /** The plugin's block of the configuration, as an operator writes it; parsed by the plugin's own schema. */
  readonly config?: unknown;
  /** Values by the names that the manifest lists under `secrets`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default a clock of its own that stands at 2026-01-01T00:00:00Z. */
  readonly clock?: FakeClock;
  /** The folder of the plugin's package.json. With it the manifest is read, and what it declares is compared. */
  readonly packageDir?: string | URL;
  /** Whether the host trusts the plugin. Default false: a stranger's, as most are installed. */
  readonly trusted?: boolean;
  /** Default `default`. */
  readonly workspace?: string;
  /** False leaves the daemons where they are registered. Default true. */
  readonly start?: boolean;
  /** `pglite` gives `context.store` a database in memory; `@kora/pglite` must be installed. Default none. */
  readonly store?: 'pglite';
  /** How calls to a model and to others are answered at the door. Default: models are let through, the rest as granted. */
  readonly calls?: CallScript;
  /** Capabilities that the operator has granted the plugin. Default none. */
  readonly grants?: readonly string[];
  /** Hears everything that happens, as it happens. */
  readonly onHappening?: (happening: Happening) => void;
}

/** Answers a call; undefined leaves it to the capabilities. */
export type CallScript = (request: CallRequest) => CallAnswer | undefined;

/** One thing that happened, in words: what woke the plugin, what it decided, what that cost, what is on the chain. */
export interface Happening {
  readonly kind: 'wake' | 'decision' | 'cost' | 'event' | 'log';
  /** ISO 8601, by the test's clock. */
  readonly at: string;
  readonly text: string;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A message to the operator. `receipt` is what a channel of the plugin answered; null in the inbox. */
export interface TestMessage extends NewMessage {
  readonly at: string;
  readonly receipt: string | null;
}

export interface TestTicket extends NewTicket {
  readonly ticketId: number;
  readonly status: TicketStatus;
  readonly attempts: number;
  /** What the last attempt answered. */
  readonly result: TicketResult | null;
  readonly notes: readonly string[];
}

/** A call that the plugin asked leave for, what it was told, and what it then said the call had cost. */
export interface MadeCall {
  readonly request: CallRequest;
  readonly answer: CallAnswer;
  /** Millionths of a dollar; null until it is settled. */
  readonly costMicroUsd: number | null;
}

export interface DaemonState {
  readonly name: string;
  readonly state: 'registered' | 'running' | 'failed' | 'stopped';
  readonly error: string | null;
}

/** An event of the house, made up by a test. */
export type RaisedEvent = Pick<ChainEvent, 'type' | 'payload'> &
  Partial<Pick<ChainEvent, 'correlationId' | 'causationId' | 'ticketId'>>;
