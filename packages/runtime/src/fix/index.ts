export { findAttempt, listAttempts } from './attempt-rows.ts';
export { pruneAttempts } from './attempts.ts';
export type { FixAttempt, FixEnvelope, FixOffer } from './contract.ts';
export { fixEvents } from './events.ts';
export { Fixes } from './fixes.ts';
export type { FixWake } from './fixes.ts';
export type { Rehearsal } from './rehearse.ts';
export { remedyFor } from './remedy.ts';
export type { FixWish } from './wish.ts';
