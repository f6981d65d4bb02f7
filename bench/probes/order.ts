import type pg from 'pg';

/** Milliseconds on a clock that every process of this machine shares. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What the runtime of a process is to be. */
export interface LookerLoad {
  readonly connection: pg.ClientConfig;
  /** Begins the names of its probes. */
  readonly prefix: string;
  readonly probes: number;
  readonly everyMs: number;
}

/** Of different categories, failures of one probe are different incidents. */
export interface FailOrder {
  readonly fail: string;
  readonly category: string;
}

export type LookerOrder = FailOrder | { readonly mend: string } | { readonly end: true };

export type LookerWord =
  | { readonly ready: true; readonly url: string; readonly token: string }
  /** The deciding look had its answer: the second bad one. */
  | { readonly failed: string; readonly at: number }
  /** A first message reached the inbox by this runtime. */
  | { readonly told: string; readonly at: number }
  | { readonly mended: string };
