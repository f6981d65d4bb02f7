import type { Clock } from '../../clock/index.ts';
import type { Subscription } from './contract.ts';
import type { Cursors } from './cursors.ts';
import type { Runner } from './runner.ts';

/** A consumer of this runtime, as far as its lease goes. */
export type Claimant = Pick<Runner, 'consumer' | 'subscription' | 'fresh' | 'told'>;

export interface LeasesPorts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly cursors: Pick<Cursors, 'hold' | 'release'>;
  /** Makes sure of the consumer's row. */
  readonly begin: (subscription: Subscription) => Promise<void>;
}

const beatMs = 4_000;
/** What an earlier session of this runtime held is asked for again so soon. */
const heirMs = 200;

/**
 * The leases of the consumers that run here, asked for and renewed by one statement for them all. A consumer that stops is
 * given back behind the last statement that names it: one that came later would take it for nobody, and every other runtime
 * would wait until that lease ends.
 */
export class Leases {
  readonly #ports: LeasesPorts;
  readonly #wanted = new Map<string, Claimant>();
  /** The statement that is under way; never rejects. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(ports: LeasesPorts) {
    this.#ports = ports;
  }

  /** From now on the consumer, whose row is there, is asked for. */
  want(claimant: Claimant): void {
    this.#wanted.set(claimant.consumer, claimant);
  }

  /** Asks for all that are wanted; answers the milliseconds until it should ask again. One call at a time. */
  hold(): Promise<number> {
    const asked = this.#ask();
    this.#asking = asked.catch(() => undefined);
    return asked;
  }

  /** Gives a consumer back, once `lastly` has said what is left to say while it is ours. */
  async giveBack(consumer: string, lastly: () => Promise<void>): Promise<void> {
    this.#wanted.delete(consumer);
    const asking = this.#asking;
    await lastly();
    await asking;
    await this.#ports.cursors.release(consumer);
  }

  async #ask(): Promise<number> {
    if (this.#wanted.size === 0) return beatMs;
    const { clock, cursors } = this.#ports;
    const askedAt = clock.monotonic();
    const claimants = [...this.#wanted.values()];
    const fresh = claimants.filter((claimant) => claimant.fresh).map(({ consumer }) => consumer);
    const tenures = await cursors.hold([...this.#wanted.keys()], fresh);
    for (const tenure of tenures) this.#wanted.get(tenure.consumer)?.told(tenure, askedAt);
    if (await this.#restore(claimants, new Set(tenures.map(({ consumer }) => consumer)))) return 0;
    return [...this.#wanted.values()].some((claimant) => claimant.fresh) ? heirMs : beatMs;
  }

  /** A consumer that was forgotten while nobody held it, and that runs here after all, begins as a new one. */
  async #restore(claimants: readonly Claimant[], known: ReadonlySet<string>): Promise<boolean> {
    const lost = claimants.filter(({ consumer }) => this.#wanted.has(consumer) && !known.has(consumer));
    for (const { subscription } of lost) await this.#ports.begin(subscription);
    return lost.length > 0;
  }
}
