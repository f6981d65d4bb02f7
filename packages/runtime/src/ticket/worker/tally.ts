/** Tells how many claims there are once for all that changed in one turn of the event loop, and a loss as a loss. */
export class Tally {
  readonly #of: { readonly size: number };
  readonly #tell: (live: number, lost: boolean) => void;
  #told = 0;
  #lost = false;
  #planned = false;

  constructor(of: { readonly size: number }, tell: (live: number, lost: boolean) => void) {
    this.#of = of;
    this.#tell = tell;
  }

  changed(lost: boolean): void {
    this.#lost ||= lost;
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      const { size } = this.#of;
      const wasLost = this.#lost;
      this.#lost = false;
      if (size === this.#told && !wasLost) return;
      this.#told = size;
      this.#tell(size, wasLost);
    });
  }
}
