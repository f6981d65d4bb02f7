import { sessionBeatMs, sessionTtlMs } from './session.ts';

/** Times of a session in milliseconds; tests shorten them. */
export interface SessionTimes {
  /** A lease without a beat lasts so long. */
  readonly ttlMs: number;
  readonly beatMs: number;
  /** A beat that failed is repeated after this. */
  readonly retryMs: number;
  /** An answer to a beat is waited for no longer, nor is a connection. */
  readonly answerMs: number;
  /** A session counts as lost so long before the store would say so: a courtesy, never the guard. */
  readonly marginMs: number;
  /** The main thread moves, and its keeper looks whether it does. */
  readonly moveMs: number;
  /** A main thread that has not moved for this long stands still: nobody works what the session holds. */
  readonly stillMs: number;
}

export const sessionTimes: SessionTimes = {
  ttlMs: sessionTtlMs,
  beatMs: sessionBeatMs,
  retryMs: 250,
  answerMs: 2_500,
  marginMs: 2_000,
  moveMs: 500,
  stillMs: 8_000,
};
