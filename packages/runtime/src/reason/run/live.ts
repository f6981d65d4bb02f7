import type { EngineSign, ReasonRoute } from '../contract.ts';

/** What is told of runs while they go on; kept nowhere. */
export type LiveSign = {
  readonly runId: string;
  readonly key: string | null;
  readonly route: ReasonRoute;
} & (
  | { readonly kind: 'began'; readonly what: string }
  | EngineSign
  | { readonly kind: 'ended'; readonly what: string; readonly costMicroUsd: number }
);

/** Whoever watches runs hears of them here; a slow or broken listener delays nobody. */
export class Live {
  readonly #listeners = new Set<(sign: LiveSign) => void>();
  readonly #onError: (where: string, error: unknown) => void;

  constructor(onError: (where: string, error: unknown) => void) {
    this.#onError = onError;
  }

  listen(listener: (sign: LiveSign) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  tell(sign: LiveSign): void {
    for (const listener of this.#listeners) {
      try {
        listener(sign);
      } catch (error) {
        this.#onError('watching runs', error);
      }
    }
  }
}
