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

export interface LiveOptions {
  readonly onError: (where: string, error: unknown) => void;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  /** How many of the first characters of a text that goes on hold no beginning of a secret. */
  readonly sayable: (text: string) => number;
}

/**
 * Whoever watches runs hears of them here; a slow or broken listener delays nobody. Words come in pieces, and a secret may
 * lie in several: what may be the beginning of one waits for what follows.
 */
export class Live {
  readonly #listeners = new Set<(sign: LiveSign) => void>();
  readonly #options: LiveOptions;
  /** What waits, by run. */
  readonly #held = new Map<string, string>();

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  listen(listener: (sign: LiveSign) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  tell(sign: LiveSign): void {
    const { runId, key, route, kind } = sign;
    if (kind !== 'text' && kind !== 'ended') return this.#say(sign);
    const { scrub, sayable } = this.#options;
    const text = (this.#held.get(runId) ?? '') + (kind === 'text' ? sign.delta : '');
    const at = kind === 'text' ? sayable(text) : text.length;
    this.#held.set(runId, text.slice(at));
    if (at > 0) this.#say({ runId, key, route, kind: 'text', delta: scrub(text.slice(0, at)) });
    if (kind !== 'ended') return;
    this.#held.delete(runId);
    this.#say(sign);
  }

  #say(sign: LiveSign): void {
    for (const listener of this.#listeners) {
      try {
        listener(sign);
      } catch (error) {
        this.#options.onError('watching runs', error);
      }
    }
  }
}
