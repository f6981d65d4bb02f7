export { findAttempt, listAttempts, pruneAttempts } from './attempts.ts';
export type { FixAttempt, FixEnvelope, FixOffer } from './contract.ts';
export { fixEvents } from './events.ts';
export { Fixes } from './fixes.ts';
export type { Rehearsal } from './fixes.ts';
export type { FixWish } from './wish.ts';
