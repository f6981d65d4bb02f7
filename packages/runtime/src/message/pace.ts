const minuteMs = 60_000;

/** How often something happened within the last minute, by a clock that never goes back. */
export class Pace {
  readonly #perMinute: number;
  #times: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Whether one more may follow now, in milliseconds. */
  hasRoom(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < minuteMs);
    return this.#times.length < this.#perMinute;
  }

  took(now: number): void {
    this.#times.push(now);
  }
}
