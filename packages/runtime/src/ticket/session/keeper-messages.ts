import type { StoreWay } from '../../store/index.ts';
import type { HeldRow, SessionStatement } from './session.ts';
import type { SessionTimes } from './times.ts';

/** What the thread is started with. It knows of tickets only what these statements say. */
export interface KeeperCharge {
  readonly way: StoreWay;
  readonly beat: SessionStatement;
  readonly end: SessionStatement;
  readonly times: SessionTimes;
  readonly shared: SharedArrayBuffer;
}

/** Places in the memory that both threads share, of 64 bits each. */
export const slot = {
  /** How often the main thread has moved. */
  moves: 0,
  /** When the last beat that was answered had been sent, or the session was begun: nanoseconds of `hrtime`. */
  sentAt: 1,
  count: 2,
} as const;

/** Milliseconds of a clock that all threads of a process share; it has no jumps. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function readSentAt(memory: BigInt64Array): number {
  return Number(Atomics.load(memory, slot.sentAt)) / 1e6;
}

export function writeSentAt(memory: BigInt64Array, at: number): void {
  Atomics.store(memory, slot.sentAt, BigInt(Math.round(at * 1e6)));
}

/** From the thread; to it, any message says that it is no longer needed. */
export type KeeperNews =
  | { readonly kind: 'beat'; readonly row: HeldRow; readonly sentAt: number }
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'fault'; readonly message: string };
