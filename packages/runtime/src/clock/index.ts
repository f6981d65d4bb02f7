export { backoffMs } from './backoff.ts';
export type { Backoff } from './backoff.ts';
export type { Clock } from './contract.ts';
export { withDeadline } from './deadline.ts';
export type { DeadlineOptions } from './deadline.ts';
export { FakeClock } from './fake.ts';
export { systemClock, uuidV7 } from './system.ts';
