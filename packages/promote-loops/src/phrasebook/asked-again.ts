import type { PastQuestion, Phrase } from '@kora/runtime/plugin';

/** Asked again within this time, in whatever words the phrase fits: the answer was not what was wanted. */
const atOnceMs = 120_000;

/** Which answers did not do: the same question came again on the same route at once. Questions must come oldest first. */
export class AskedAgain {
  readonly #phrase: Phrase;
  readonly #onCase: (isAgain: boolean) => void;
  readonly #last = new Map<string, number>();

  /** `onCase` hears of each watched answer once, when it is known what followed. */
  constructor(phrase: Phrase, onCase: (isAgain: boolean) => void) {
    this.#phrase = phrase;
    this.#onCase = onCase;
  }

  /** `isWatched`: its answer is one of those that are judged. */
  see({ route, at, text }: PastQuestion, isWatched: boolean): void {
    const now = Date.parse(at);
    const before = this.#last.get(route);
    const isSame = this.#phrase.fits(text);
    if (before !== undefined && (isSame || now - before > atOnceMs)) {
      this.#onCase(now - before <= atOnceMs);
      this.#last.delete(route);
    }
    if (isWatched) this.#last.set(route, now);
  }

  /** What nothing followed. */
  end(): void {
    for (let open = this.#last.size; open > 0; open -= 1) this.#onCase(false);
    this.#last.clear();
  }
}
