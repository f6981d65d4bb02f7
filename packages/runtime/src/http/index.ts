export type * as shape from './shapes.ts';
export type {
  PromotionDetail,
  PromotionDiff,
  PromotionLoopRow,
  PromotionRow,
  PromotionRunRow,
} from './promotion/house.ts';
export type { House } from './house.ts';
export type { Mounts } from './mounts.ts';
export type { GuestMounts } from './mount/guest-mounts.ts';
export { mostEnded } from './page/contract.ts';
export { scopeSchema } from './session/contract.ts';
export { startServer } from './server.ts';
export type { HttpServer, ServerOptions } from './server.ts';
export type { ConfigChange, ConfigKeys, ConfigWriter, ConfigWritten } from './config/house.ts';
