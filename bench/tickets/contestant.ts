import type pg from 'pg';

/** What a hand needs to know; it crosses to another process, so it is plain data. */
export interface HandSpec {
  readonly product: 'kora' | 'graphile-worker' | 'pg-boss';
  readonly connection: pg.ClientConfig;
  /** Of the product: only its own file reads it. */
  readonly tuning: Tuning;
  /** How a ticket is worked: at once; standing still with the whole process; or until it is told to end. */
  readonly manner?: 'at-once' | 'frozen' | 'held';
}

export type Tuning = Readonly<Record<string, string | number | boolean>>;

/** A system under test, as its worker stands in a process of its own. Nothing is worked before `begin`. */
export interface Hand {
  begin(): Promise<void>;
  /** Takes nothing more; what is in hand is ended and recorded. */
  halt(): Promise<void>;
  /** Adds one ticket by the product's own call for one. */
  add(ticket: TicketBody): Promise<void>;
  /** Where others may add tickets through it, for who has an interface over the network. */
  place?(): Readonly<Record<'url' | 'token', string>>;
  close(): Promise<void>;
}

export type OpenHand = (spec: HandSpec, work: (ticket: TicketBody) => Promise<Done>) => Promise<Hand>;

/** What every ticket carries: two hundred bytes, and for the latency when it was meant to be sent. */
export interface TicketBody {
  readonly n: number;
  readonly padding: string;
  /** Milliseconds of the machine's monotonic clock, which all its processes share. */
  readonly due?: number;
}

export interface Done {
  /** Who worked it, and as which of its tickets: `A#1`. */
  readonly by: string;
}

export interface Contestant {
  readonly name: string;
  /** What a reader must know to compare it fairly. */
  readonly gives: string;
  readonly product: HandSpec['product'];
  readonly tuning: Tuning;
  /** Other tunings that are tried for a moment first: the best of them runs. */
  readonly candidates?: readonly Tuning[];
  readonly store: TicketStore;
}

/** One product's tables, from outside. */
export interface TicketStore {
  /** Makes the tables, and loads tickets by the product's own batch insert. */
  open(connection: pg.ClientConfig, tuning: Tuning): Promise<Loader>;
  /** Answers one `count`: tickets that are durably done. `above`: those before it were there already. */
  readonly done: (loaded: number, above?: number) => string;
  /** Statements that answer one `count`: events not yet in their place, and those that are. */
  readonly unsealed?: string;
  readonly sealed?: string;
}

export interface Loader {
  /** All are ready when it resolves. */
  add(count: number): Promise<void>;
  close(): Promise<void>;
}

export function bodyOf(n: number, due?: number): TicketBody {
  return { n, padding, ...(due === undefined ? {} : { due }) };
}

const padding = 'x'.repeat(180);

/** The same in every process of the machine. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
