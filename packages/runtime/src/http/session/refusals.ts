import type { Clock } from '../../clock/index.ts';
import type { Sessions } from '../shapes.ts';
import type { RefusalCause } from './house.ts';

const tellEveryMs = 60_000;

interface Count {
  count: number;
  lastAt: number;
  /** Not told yet. */
  untold: number;
  toldAt: number;
}

/** Who was turned away at the doors, by why. Each cause is told once a minute at most, with how often it was. */
export class Refusals {
  readonly #clock: Clock;
  readonly #tell: (cause: RefusalCause, count: number) => void;
  readonly #since: number;
  readonly #counts = new Map<RefusalCause, Count>();

  constructor(clock: Clock, tell: (cause: RefusalCause, count: number) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#since = clock.now();
  }

  note(cause: RefusalCause): void {
    const now = this.#clock.now();
    const found = this.#counts.get(cause);
    const kept = found ?? { count: 0, lastAt: now, untold: 0, toldAt: Number.NEGATIVE_INFINITY };
    kept.count += 1;
    kept.untold += 1;
    kept.lastAt = now;
    this.#counts.set(cause, kept);
    if (now - kept.toldAt < tellEveryMs) return;
    this.#tell(cause, kept.untold);
    kept.untold = 0;
    kept.toldAt = now;
  }

  read(): Sessions['refused'] {
    const causes = [...this.#counts].map(([cause, { count, lastAt }]) => ({
      cause,
      count,
      lastAt: new Date(lastAt).toISOString(),
    }));
    return {
      total: causes.reduce((sum, { count }) => sum + count, 0),
      since: new Date(this.#since).toISOString(),
      causes: causes.sort((a, b) => b.count - a.count),
    };
  }
}
