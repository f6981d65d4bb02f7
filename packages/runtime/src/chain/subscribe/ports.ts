import type { Clock } from '../../clock/index.ts';
import type { Cursors } from './cursors.ts';
import type { FanOut } from './fan-out.ts';
import type { ParkedStore } from './parked.ts';
import type { Places } from './places.ts';

/** What a consumer runs on; the same for all of one runtime. */
export interface RunnerPorts extends ParkedStore {
  readonly clock: Clock;
  readonly cursors: Cursors;
  readonly fanOut: FanOut;
  /** Transactions of reactions at once: one that hangs keeps its connection until its deadline. */
  readonly writers: Places;
  readonly onError: (consumer: string, error: unknown) => void;
  /** A thousand events were passed without a write: their cursor should move. */
  readonly onPassed: () => void;
  /** It holds its consumer no longer and wants to. */
  readonly onLost: () => void;
}
