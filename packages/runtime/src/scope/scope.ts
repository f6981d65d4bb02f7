import { fault, messageOf } from '../fault/index.ts';

/** One line of the effect tree that `kora status --effects` prints. */
export interface EffectNode {
  readonly label: string;
  readonly children: readonly EffectNode[];
}

interface Effect {
  readonly label: string;
  readonly child?: Scope;
  release(): Promise<void> | void;
}

/**
 * Who closes what was opened. Whatever is acquired is added with a label and its release; disposing aborts the
 * signal, then releases in reverse order, once, and one bad release never keeps the others from running.
 */
export class Scope implements AsyncDisposable {
  readonly label: string;
  readonly #abort = new AbortController();
  readonly #effects: Effect[] = [];
  #disposed: Promise<void> | undefined;
  #closed = false;

  constructor(label: string) {
    this.label = label;
  }

  /** Aborted when the scope is disposed; everything the scope owns listens to it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Adds a release. On a scope that is gone already, it runs at once: nothing can slip in behind a disposal. */
  add(label: string, release: () => Promise<void> | void): void {
    this.#own({ label, release });
  }

  /**
   * Starts owned work: its signal aborts on disposal, which then waits for it to end. A rejection goes to `failed`. Work
   * that has ended is owned no longer, so that a scope that lives for months holds only what is open.
   */
  run(label: string, work: (signal: AbortSignal) => Promise<void>, failed: (error: unknown) => void): void {
    const effect: Effect = { label, release: () => ended };
    const ended = work(this.signal)
      .catch(failed)
      .finally(() => this.#leave(effect));
    this.#own(effect);
  }

  /** A scope inside this one: disposed with it, or earlier on its own. */
  child(label: string): Scope {
    const child = new Scope(label);
    const effect: Effect = { label, child, release: () => child.dispose() };
    child.add('leave parent', () => this.#leave(effect));
    // Inside a scope that closes, a child begins closed: whatever it is given runs under an aborted signal.
    if (this.signal.aborted) child.dispose().catch(() => undefined);
    this.#own(effect);
    return child;
  }

  /** What is open, as a tree of labels. */
  effects(): EffectNode {
    return {
      label: this.label,
      children: this.#effects
        .filter((effect) => effect.label !== 'leave parent')
        .map((effect) => effect.child?.effects() ?? { label: effect.label, children: [] }),
    };
  }

  /** Closes everything. Throws KORA_DISPOSE_FAILED, naming the labels, after all releases have run. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#release();
    return this.#disposed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #own(effect: Effect): void {
    // While the scope closes, it is taken off again before the disposal ends.
    if (!this.#closed) {
      this.#effects.push(effect);
      return;
    }
    const late = this.#releaseLate(effect);
    // Whoever disposes (again) hears of a failure; nobody else waits, and an unheard rejection would end the process.
    late.catch(() => undefined);
    this.#disposed = late;
  }

  async #releaseLate(effect: Effect): Promise<void> {
    try {
      await this.dispose();
    } finally {
      await effect.release();
    }
  }

  #leave(effect: Effect): void {
    const at = this.#effects.indexOf(effect);
    if (at >= 0) this.#effects.splice(at, 1);
  }

  async #release(): Promise<void> {
    this.#abort.abort();
    const failures: { label: string; error: unknown }[] = [];
    for (let effect = this.#effects.pop(); effect !== undefined; effect = this.#effects.pop()) {
      try {
        await effect.release();
      } catch (error) {
        failures.push({ label: effect.label, error });
      }
    }
    this.#closed = true;
    if (failures.length === 0) return;
    const named = failures.map(({ label, error }) => `${label} (${messageOf(error)})`).join(', ');
    throw fault('KORA_DISPOSE_FAILED', `${this.label}: could not close ${named}`, {
      cause: new AggregateError(failures.map(({ error }) => error)),
    });
  }
}
