import type { Clock } from '../clock/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { healthDraft } from './events.ts';
import type { Overall, Rollup } from './rollup.ts';

export interface HealthTellerOptions {
  readonly clock: Clock;
  readonly cadenceSeconds: number;
  readonly look: () => Promise<Rollup>;
  readonly record: (drafts: readonly EventDraft[]) => Promise<unknown>;
}

/** A change is seen at most this much later. */
const longestLookMs = 30_000;

/** Looks often and speaks seldom: when the overall health became another, and once in a cadence. */
export class HealthTeller {
  readonly #options: HealthTellerOptions;
  #told: { readonly overall: Overall; readonly at: number } | undefined;

  constructor(options: HealthTellerOptions) {
    this.#options = options;
  }

  get lookEveryMs(): number {
    return Math.min(this.#options.cadenceSeconds * 1_000, longestLookMs);
  }

  /** One look; `noop` when there was nothing to say. */
  async tell(): Promise<'ok' | 'noop'> {
    const { clock, cadenceSeconds, look, record } = this.#options;
    const now = await look();
    const at = clock.now();
    const due = this.#told === undefined || at - this.#told.at >= cadenceSeconds * 1_000;
    if (!due && this.#told?.overall === now.overall) return 'noop';
    await record([healthDraft(now, cadenceSeconds)]);
    // Only what was recorded was told: a failed one is due again.
    this.#told = { overall: now.overall, at };
    return 'ok';
  }
}
