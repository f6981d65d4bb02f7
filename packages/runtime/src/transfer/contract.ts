import type { Readable } from 'node:stream';

/** One file of an owner's line as a store has applied it. */
export interface LedgerRow {
  readonly owner: string;
  readonly number: number;
  readonly name: string;
  readonly safety: 'safe' | 'breaking';
  readonly checksum: string;
  readonly build: string;
  readonly sql: string;
}

/** A table and the columns whose values are kept; generated ones make themselves. */
export interface TableShape {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

export interface SequenceState {
  readonly schema: string;
  readonly name: string;
  /** Text: a sequence may pass what a number holds. */
  readonly last: string;
  readonly isCalled: boolean;
}

/** The end of one workspace's chain. */
export interface ChainEnd {
  readonly workspaceId: number;
  readonly workspace: string;
  readonly seq: number;
  readonly hash: string;
}

/** What a store is, apart from its rows. */
export interface StoreContents {
  /** Like `18.4`. */
  readonly server: string;
  readonly ledger: readonly LedgerRow[];
  /** In an order in which foreign keys hold. */
  readonly tables: readonly TableShape[];
  /** The first sequence of each partition of the log. */
  readonly partitions: readonly number[];
  /** The first ticket of each partition of tickets. */
  readonly ticketPartitions: readonly number[];
  readonly ends: readonly ChainEnd[];
  readonly epoch: { readonly storeId: string; readonly epoch: number };
  /** Bytes on disk, for progress: what is sent differs. */
  readonly bytes: number;
}

/** Where rows come from: a server's snapshot, or a backup's folder. */
export interface StoreSource {
  readonly description: string;
  readonly contents: StoreContents;
  /** The rows of one table as text of COPY. */
  rows(table: TableShape): Promise<Readable>;
  /** Read after the rows: a sequence may run ahead of a snapshot, never behind it. */
  sequences(): Promise<readonly SequenceState[]>;
}

/** What was carried of one table. */
export interface TableCount {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}
