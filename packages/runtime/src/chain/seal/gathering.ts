import type { Clock } from '../../clock/index.ts';

/** Less than half of what an event may wait for its place. */
const gatherMs = 4;

/**
 * Tells once for all that was said within a few milliseconds: of a ticket that is claimed, worked and ended in one breath
 * both events are sealed by one statement, which at a low load costs as much as what it seals.
 */
export class Gathering {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #tell: () => void;
  #waits = false;

  constructor(clock: Pick<Clock, 'sleep'>, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  say(): void {
    if (this.#waits) return;
    this.#waits = true;
    void this.#clock.sleep(gatherMs).then(() => {
      this.#waits = false;
      this.#tell();
    });
  }
}
