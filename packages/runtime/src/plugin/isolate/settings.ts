import type { Guardian } from './guardian.ts';
import type { VitalLimits } from './vitals.ts';

/** What is the same for every guest of a host. */
export interface GuestSettings {
  readonly home: string;
  readonly hostDirectory: string | undefined;
  readonly nodePath: string;
  readonly heapMb: number;
  readonly vitals: VitalLimits;
  /** Milliseconds an orderly goodbye may take, and then the process to end by itself. */
  readonly goodbyeMs: number;
  readonly graceMs: number;
  readonly guardian: Guardian;
}
