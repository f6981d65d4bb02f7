const words = {
  head: [
    'al',
    'bor',
    'cas',
    'dor',
    'el',
    'fen',
    'gar',
    'hol',
    'ith',
    'jun',
    'kel',
    'lom',
    'mar',
    'nor',
    'os',
  ],
  tail: [
    'ath',
    'bur',
    'dale',
    'essa',
    'ford',
    'gate',
    'hus',
    'ilo',
    'keth',
    'mere',
    'nin',
    'orra',
    'pike',
    'rell',
  ],
};

/** Chance that comes out the same for the same seed: mulberry32, which is small and even enough for made-up worlds. */
export class Random {
  #state: number;
  readonly #taken = new Set<string>();

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
  }

  /** From 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** About `middle`, at most `share` of it away. */
  about(middle: number, share = 0.1): number {
    return middle * (1 + share * (2 * this.next() - 1));
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.whole(0, from.length - 1)] ?? from[0];
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A name that nobody had yet: two made-up syllables, so that no rule can know it. */
  name(): string {
    for (let tries = 0; ; tries += 1) {
      // There are two hundred of two syllables: a world of more has longer ones too.
      const middle = tries < 20 ? '' : (words.head[this.whole(0, 14)] ?? 'al');
      const tail = words.tail[this.whole(0, 13)] ?? 'ath';
      const name = `${words.head[this.whole(0, 14)] ?? 'al'}${middle}${tail}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }

  /** Letters and digits, as machines name things. */
  mark(length: number): string {
    return Array.from({ length }, () => this.whole(0, 35).toString(36)).join('');
  }

  address(): string {
    return `10.${this.whole(1, 250)}.${this.whole(1, 250)}.${this.whole(2, 250)}`;
  }
}
