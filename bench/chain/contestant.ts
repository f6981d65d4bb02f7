import type pg from 'pg';

/** Something that appends events durably, one a call; `append` resolves when the event is. */
export interface Appender {
  append(lane: number, n: number): Promise<void>;
  /** Waits for whatever is acknowledged but not yet in its place. */
  settle(): Promise<void>;
  /** Events in their place, counted in the database. */
  count(): Promise<number>;
  close(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  /** What a reader must know to compare it fairly. */
  readonly gives: string;
  /** On an empty database of its own; `lanes` callers will append at once. */
  open(connection: pg.ClientConfig, lanes: number): Promise<Appender>;
}

/** Two hundred bytes, as in the reference's measurements. */
export const padding: string = 'x'.repeat(160);

/** Connections of a peer's pool: as many as callers, up to what the server's setting leaves. */
export function connectionsFor(lanes: number): number {
  return Math.min(lanes, 40);
}
