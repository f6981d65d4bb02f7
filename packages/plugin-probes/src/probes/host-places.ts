/** A place at a host, asked for and perhaps had. */
export interface Place {
  /** Resolves when the place is had. */
  readonly granted: Promise<void>;
  isGranted(): boolean;
  /** Gives it back, or leaves the queue; the second call does nothing. */
  leave(): void;
}

/**
 * Bounds how many looks are under way at one host: a server that is slow must not be met by more and more of them. Who
 * came first goes first.
 */
export class HostPlaces {
  readonly #limit: number;
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  queue(host: string): Place {
    const { promise, resolve } = Promise.withResolvers<void>();
    let state: 'waiting' | 'granted' | 'left' = 'waiting';
    const grant = (): void => {
      state = 'granted';
      this.#taken.set(host, (this.#taken.get(host) ?? 0) + 1);
      resolve();
    };
    if ((this.#taken.get(host) ?? 0) < this.#limit) grant();
    else this.#waiting.set(host, [...(this.#waiting.get(host) ?? []), grant]);
    return {
      granted: promise,
      isGranted: () => state === 'granted',
      leave: () => {
        const before = state;
        state = 'left';
        if (before === 'waiting') this.#forget(host, grant);
        if (before === 'granted') this.#free(host);
      },
    };
  }

  #free(host: string): void {
    const left = (this.#taken.get(host) ?? 1) - 1;
    if (left === 0) this.#taken.delete(host);
    else this.#taken.set(host, left);
    const [next] = this.#waiting.get(host) ?? [];
    if (next === undefined) return;
    this.#forget(host, next);
    next();
  }

  #forget(host: string, grant: () => void): void {
    const others = (this.#waiting.get(host) ?? []).filter((each) => each !== grant);
    if (others.length === 0) this.#waiting.delete(host);
    else this.#waiting.set(host, others);
  }
}
