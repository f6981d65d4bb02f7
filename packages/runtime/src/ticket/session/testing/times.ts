import type { SessionTimes } from '../times.ts';

/** Beats come twenty times as fast; the lease is as long as ever, since nothing of it is waited for. */
export const brisk: Partial<SessionTimes> = {
  beatMs: 200,
  retryMs: 50,
  answerMs: 1_000,
  moveMs: 50,
};

/** And a lease whose end a test can wait for. */
export const brittle: Partial<SessionTimes> = { ...brisk, ttlMs: 4_000, marginMs: 500 };
