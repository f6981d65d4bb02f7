import type * as shape from '../shapes.ts';

/** The API's questions about daemons. */
export interface DaemonHouse {
  daemons(): shape.DaemonRow[];
  daemon(name: string): shape.DaemonRow;
  /** Stops and starts one, and lifts its quarantine. */
  restartDaemon(name: string, reason: string): Promise<shape.Receipt>;
}
