import type { Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import type { DegradationReason, OperationalStateHolder } from '../state/index.ts';
import type { Keeper } from './keeper/index.ts';

export interface StoreHealthOptions {
  readonly clock: Clock;
  readonly holder: OperationalStateHolder;
  readonly keeper: Pick<Keeper, 'tell'>;
  /** Milliseconds for which what is staged was not sealed, when that is longer than it should be. */
  readonly sealStaleForMs: () => number | undefined;
}

/** A store that is away for so long, or seals nothing for so long, is told to the operator past every channel. */
export const awayTooLongMs = 5_000;

/**
 * What each look at the store says about the store itself: one that is away degrades this runtime, and one that stays away
 * or seals nothing goes through the emergency door, since no message can leave by way of it.
 */
export class StoreHealth {
  readonly #options: StoreHealthOptions;
  #awaySince: number | undefined;
  #answersSince: number | undefined;
  #isDegraded = false;

  constructor(options: StoreHealthOptions) {
    this.#options = options;
  }

  async answers(): Promise<void> {
    const { holder, clock } = this.#options;
    this.#awaySince = undefined;
    this.#answersSince ??= clock.monotonic();
    this.#watchSealer(this.#answersSince);
    // What the gates degrade, they take back.
    if (!this.#isDegraded) return;
    this.#isDegraded = false;
    const failing = new Set([...holder.inputs.failing].filter((reason) => reason !== 'substrate'));
    await holder.transition('check.recovered', { failing }, { detail: { check: 'store' } });
  }

  async away(error: unknown): Promise<void> {
    const { holder, keeper, clock } = this.#options;
    this.#answersSince = undefined;
    this.#awaySince ??= clock.monotonic();
    if (clock.monotonic() - this.#awaySince >= awayTooLongMs)
      keeper.tell({ what: 'store', detail: messageOf(error) });
    // While the boot runs, its gates are the ones to say.
    if (holder.inputs.boot !== 'passed' || holder.inputs.failing.has('substrate')) return;
    this.#isDegraded = true;
    const failing = new Set<DegradationReason>([...holder.inputs.failing, 'substrate']);
    await holder.transition('check.failed', { failing }, { detail: { check: 'store' } });
  }

  /** A store that has just come back still has its backlog: the sealer is given the time that anybody is given. */
  #watchSealer(answersSince: number): void {
    const { clock, keeper, sealStaleForMs } = this.#options;
    const staleMs = sealStaleForMs();
    if (staleMs === undefined || clock.monotonic() - answersSince < awayTooLongMs) return;
    const detail = `the store answers, and nothing has been sealed for ${Math.round(staleMs / 1_000)} s`;
    keeper.tell({ what: 'sealer', detail });
  }
}
