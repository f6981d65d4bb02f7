export type {
  EmergencyRecord,
  EmergencyWhat,
  Keeper,
  KeeperOptions,
  KeeperTimes,
  Watched,
} from './contract.ts';
export { startKeeper } from './keeper.ts';
