interface Waiting {
  readonly begin: () => void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Who may use the one session that PGlite has. First come, first served, and a turn lasts as long as its owner wants: from
 * the first message of a transaction to its end. Anything shorter mixes two clients' messages in one session, where the
 * second one's Parse replaces the first one's statement before its Bind.
 */
export class Turns {
  readonly #waiting: Waiting[] = [];
  #isTaken = false;

  /** True when it is the caller's turn, who then owes a `pass`; false after `waitMs` without one. 0 waits for ever. */
  async take(waitMs: number): Promise<boolean> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return true;
    }
    return await new Promise((resolve) => {
      const one: Waiting = { begin: () => resolve(true), timer: undefined };
      this.#waiting.push(one);
      if (waitMs === 0) return;
      one.timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
        resolve(false);
      }, waitMs);
    });
  }

  pass(): void {
    const next = this.#waiting.shift();
    clearTimeout(next?.timer);
    if (next === undefined) this.#isTaken = false;
    else next.begin();
  }
}
