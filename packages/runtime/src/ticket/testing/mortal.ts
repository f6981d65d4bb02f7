import type { Queryable } from '../../store/index.ts';

/** Where a process stops: at its n-th step, before the step takes place or after, with the answer lost. */
export interface Fate {
  readonly step: number;
  readonly landed: boolean;
}

/**
 * A process that stops at one of its steps, each of which is a statement or a word to the world outside. What it would
 * have done next it does when it is thawed; one that died never is.
 */
export class Mortal {
  readonly #fate: Fate | undefined;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #thawed = Promise.withResolvers<void>();
  #step = 0;

  constructor(fate?: Fate) {
    this.#fate = fate;
  }

  /** Resolves when it stands still. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  thaw(): void {
    this.#thawed.resolve();
  }

  async step<T>(work: () => Promise<T>): Promise<T> {
    const here = this.#step === this.#fate?.step;
    const landed = this.#fate?.landed === true;
    this.#step += 1;
    if (here && !landed) await this.#stand();
    const answer = await work();
    if (here && landed) await this.#stand();
    return answer;
  }

  /** The store as this process sees it. */
  over(database: Queryable): Queryable {
    return { query: (text, values, options) => this.step(() => database.query(text, values, options)) };
  }

  #stand(): Promise<void> {
    this.#stopped.resolve();
    return this.#thawed.promise;
  }
}
