import type { Node, Pattern } from './pattern.ts';

/** One step of the machine that a pattern becomes. `next` of a `split` are tried in their order. */
type State =
  | { readonly kind: 'word'; readonly word: string; readonly next: number }
  | { readonly kind: 'capture'; readonly name: string; readonly next: number }
  | { readonly kind: 'any'; readonly next: number }
  | { readonly kind: 'split'; readonly next: readonly number[] }
  | { readonly kind: 'end' };

/** Words that were kept, by name. */
export type Captures = ReadonlyMap<string, string>;

interface Thread {
  readonly at: number;
  readonly kept: Kept | undefined;
}

interface Kept {
  readonly name: string;
  readonly word: string;
  readonly before: Kept | undefined;
}

/**
 * Runs a pattern over words: all ways through it at once, each state once a word, so that the time is words times states
 * and nothing that is asked can make it more. Of several ways the one that is written first counts.
 */
export class Matcher {
  readonly #states: readonly State[];
  readonly #start: number;
  readonly #isWhole: boolean;
  readonly #seen: Int32Array;
  #mark = 0;

  constructor({ root, isWhole }: Pick<Pattern, 'root' | 'isWhole'>) {
    const states: State[] = [{ kind: 'end' }];
    this.#start = compile(root, 0, states);
    this.#states = states;
    this.#isWhole = isWhole;
    this.#seen = new Int32Array(states.length);
  }

  /** From the first word on; undefined when it does not fit. */
  match(words: readonly string[]): Captures | undefined {
    let threads: Thread[] = [];
    let found: Thread | undefined;
    this.#mark += 1;
    this.#follow({ at: this.#start, kept: undefined }, threads);
    for (let position = 0; ; position += 1) {
      const isLast = position === words.length;
      const ended = threads.findIndex(({ at }) => this.#states[at]?.kind === 'end');
      if (ended >= 0 && (isLast || !this.#isWhole)) {
        found = threads[ended];
        // Ways that are written later can only lead to what counts less.
        threads = threads.slice(0, ended);
      }
      const word = words[position];
      if (word === undefined || threads.length === 0) break;
      threads = this.#step(threads, word);
    }
    return found === undefined ? undefined : capturesOf(found.kept);
  }

  #step(threads: readonly Thread[], word: string): Thread[] {
    const next: Thread[] = [];
    this.#mark += 1;
    for (const { at, kept } of threads) {
      const state = this.#states[at];
      if (state === undefined) continue;
      if (state.kind === 'word' && state.word === word) this.#follow({ at: state.next, kept }, next);
      else if (state.kind === 'capture')
        this.#follow({ at: state.next, kept: { name: state.name, word, before: kept } }, next);
      else if (state.kind === 'any') this.#follow({ at: state.next, kept }, next);
    }
    return next;
  }

  /** Adds a thread and all that it reaches without a word. */
  #follow(thread: Thread, threads: Thread[]): void {
    const pending: Thread[] = [thread];
    for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
      if (this.#seen[one.at] === this.#mark) continue;
      this.#seen[one.at] = this.#mark;
      const state = this.#states[one.at];
      if (state?.kind === 'split') {
        // Taken from the end: the first way is followed first.
        for (const at of state.next.toReversed()) pending.push({ at, kept: one.kept });
        continue;
      }
      threads.push(one);
    }
  }
}

/** Adds the states of a node in front of `next`; answers where it begins. */
function compile(node: Node, next: number, states: State[]): number {
  switch (node.kind) {
    case 'sequence':
      return node.items.reduceRight((after, item) => compile(item, after, states), next);
    case 'choice':
      return states.push({ kind: 'split', next: node.ways.map((way) => compile(way, next, states)) }) - 1;
    case 'word':
      return states.push({ kind: 'word', word: node.word, next }) - 1;
    case 'capture':
      return states.push({ kind: 'capture', name: node.name, next }) - 1;
    default: {
      const loop = states.push({ kind: 'any', next: states.length + 1 }) - 1;
      // As few words as fit: what follows is tried before one more is taken.
      return states.push({ kind: 'split', next: [next, loop] }) - 1;
    }
  }
}

function capturesOf(kept: Kept | undefined): Captures {
  const captures = new Map<string, string>();
  // From the last to the first: of a name that was kept twice the last one counts.
  for (let one = kept; one !== undefined; one = one.before)
    if (!captures.has(one.name)) captures.set(one.name, one.word);
  return captures;
}
