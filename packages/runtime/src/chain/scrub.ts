import { secretMark } from './payload-shape.ts';

/** Shorter ones are words of ordinary texts; replacing those would spoil the log and hide nothing. */
const shortestSecret = 8;

/** The second net under the classes of fields: values that are known to be secret, wherever they turn up in a text. */
export class Scrubber {
  readonly #secrets: () => readonly string[];
  #seen: readonly string[] | undefined;
  #needles: readonly string[] = [];
  /** No shorter text holds one: most fields of an event are words and numbers. */
  #shortest = Number.POSITIVE_INFINITY;

  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** The text with `[secret]` in place of every secret, also of one in the form in which it stands in a URL or in JSON. */
  readonly text = (given: string): string => {
    const needles = this.#known();
    if (given.length < this.#shortest) return given;
    let text = given;
    for (const needle of needles) if (text.includes(needle)) text = text.replaceAll(needle, secretMark);
    return text;
  };

  #known(): readonly string[] {
    const secrets = this.#secrets();
    if (secrets === this.#seen) return this.#needles;
    this.#seen = secrets;
    const long = secrets.filter(({ length }) => length >= shortestSecret);
    const forms = new Set(long.flatMap(formsOf));
    // The longest first: a secret that begins with another one leaves nothing of itself behind.
    this.#needles = [...forms].sort((a, b) => b.length - a.length);
    this.#shortest = this.#needles.at(-1)?.length ?? Number.POSITIVE_INFINITY;
    return this.#needles;
  }
}

function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
}
