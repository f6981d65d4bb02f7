export * from './keeper/index.ts';
export { readSeen, readSentinel, removeSentinel, sentinelFiles, writeSentinel } from './sentinel.ts';
export type { Sentinel, SentinelLevel, SentinelSeen, SentinelWish } from './sentinel.ts';
