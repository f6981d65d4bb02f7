/** How the readers of the event stream stand, for whoever asks for diagnostics. */
export class Readers {
  #streams = 0;
  #lagMs: number | null = null;

  /** Streams that are open now. */
  get streams(): number {
    return this.#streams;
  }

  /** Milliseconds from hearing of the latest seal to its frames being taken; null while nobody reads. */
  get lagMs(): number | null {
    return this.#lagMs;
  }

  came(): void {
    this.#streams += 1;
  }

  left(): void {
    this.#streams -= 1;
    if (this.#streams === 0) this.#lagMs = null;
  }

  took(lagMs: number): void {
    this.#lagMs = lagMs;
  }
}
