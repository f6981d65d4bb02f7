export { Controller } from './controller.ts';
export type { ControllerKeeper, ControllerOptions } from './controller.ts';
export { controlEvents } from './events.ts';
export { startKeeper } from './keeper/index.ts';
export type {
  EmergencyRecord,
  EmergencyWhat,
  Keeper,
  KeeperOptions,
  KeeperTimes,
  Watched,
} from './keeper/index.ts';
export { Kill } from './kill.ts';
export type { KillOrder, KillPorts } from './kill.ts';
export { forgetAsked, once } from './once.ts';
export type { Asking } from './once.ts';
export type { EmergencyTold } from './record-emergencies.ts';
export { killBySentinel } from './sentinel-kill.ts';
export { readSeen, readSentinel, removeSentinel, sentinelFiles, writeSentinel } from './sentinel.ts';
export type { Sentinel, SentinelLevel, SentinelSeen, SentinelWish } from './sentinel.ts';
