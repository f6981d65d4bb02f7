import { secretMark } from './payload-shape.ts';

/** Shorter ones are words of ordinary texts; replacing those would spoil the log and hide nothing. */
const shortestSecret = 8;

/** The second net under the classes of fields: values that are known to be secret, wherever they turn up in a text. */
export class Scrubber {
  readonly #secrets: () => readonly string[];
  readonly #markOf: (secret: string) => string;
  /** What stands in the place of each form of each secret. */
  #marks: ReadonlyMap<string, string> = new Map();
  #seen: readonly string[] | undefined;
  #needles: readonly string[] = [];
  /** No shorter text holds one: most fields of an event are words and numbers. */
  #shortest = Number.POSITIVE_INFINITY;

  /** `markOf` says what stands in the place of a secret; default `[secret]`. */
  constructor(secrets: () => readonly string[], markOf: (secret: string) => string = () => secretMark) {
    this.#secrets = secrets;
    this.#markOf = markOf;
  }

  /** The text with a mark in place of every secret, also of one in the form in which it stands in a URL or in JSON. */
  readonly text = (given: string): string => {
    const needles = this.#known();
    if (given.length < this.#shortest) return given;
    let text = given;
    for (const needle of needles)
      if (text.includes(needle)) text = text.replaceAll(needle, this.#marks.get(needle) ?? secretMark);
    return text;
  };

  /**
   * How many of the first characters of a text that goes on may be told now: what follows them may be the beginning of a
   * secret, whose end is still to come.
   */
  sayable(given: string): number {
    const needles = this.#known();
    const longest = needles[0]?.length ?? 0;
    let at = Math.max(0, given.length - Math.max(0, longest - 1));
    while (at < given.length && !needles.some((needle) => begins(needle, given, at))) at += 1;
    // A secret that is whole, and goes on beyond there as the beginning of another, is told as a whole.
    for (;;) {
      const cut = needles
        .map((needle) => given.lastIndexOf(needle, at - 1))
        .find((from, index) => {
          const length = needles[index]?.length ?? 0;
          return at > 0 && from !== -1 && from < at && from + length > at;
        });
      if (cut === undefined) return at;
      at = cut;
    }
  }

  #known(): readonly string[] {
    const secrets = this.#secrets();
    if (secrets === this.#seen) return this.#needles;
    this.#seen = secrets;
    const long = secrets.filter(({ length }) => length >= shortestSecret);
    this.#marks = new Map(
      long.flatMap((secret) => formsOf(secret).map((form) => [form, this.#markOf(secret)] as const)),
    );
    // The longest first: a secret that begins with another one leaves nothing of itself behind.
    this.#needles = [...this.#marks.keys()].sort((a, b) => b.length - a.length);
    this.#shortest = this.#needles.at(-1)?.length ?? Number.POSITIVE_INFINITY;
    return this.#needles;
  }
}

function begins(needle: string, text: string, at: number): boolean {
  return text.length - at < needle.length && needle.startsWith(text.slice(at));
}

function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
}
