import { fault } from '../../fault/index.ts';
import { wordsOf } from './words.ts';

/**
 * A pattern is words, compared without case: `what (broke|failed) [today]`, `is [the] <service> up $`. `(a|b)` is one of
 * them, `[a]` may be left out, `<name>` is any one word and keeps it, `*` is any words or none, and `$` at the end says that
 * nothing follows. There is nothing that repeats but `*`, so that a pattern is read in one pass, however it is written.
 */
export type Node =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'capture'; readonly name: string }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly ways: readonly Node[] };

export interface Pattern {
  readonly root: Node;
  /** Nothing may follow. */
  readonly isWhole: boolean;
  readonly captures: ReadonlySet<string>;
  /** Fewer words than these cannot fit. */
  readonly leastWords: number;
  /** The same for two spellings of one pattern. */
  readonly canonical: string;
}

export const longestPattern = 512;
const deepest = 16;
const mostCaptures = 4;

/** Throws KORA_PHRASEBOOK_INVALID with what is wrong, in words for whoever wrote it. */
export function parsePattern(text: string): Pattern {
  if (text.length > longestPattern) throw wrong(`longer than ${longestPattern} characters`);
  const parser = new Parser(tokensOf(text));
  const { root, isWhole } = parser.whole();
  if (fewestOwnWords(root) === 0)
    throw wrong('it can match without a word of its own: name at least one word on every way');
  return {
    root,
    isWhole,
    captures: parser.captures,
    leastWords: leastWords(root),
    canonical: `${canonicalOf(root)}${isWhole ? ' $' : ''}`,
  };
}

type Token = { readonly sign: string } | { readonly word: string } | { readonly capture: string };

const piece = /\s+|[()[\]|*$]|<([a-z][a-z0-9_]{0,31})>|[^\s()[\]|*$<>]+|[\s\S]/gu;
const foreign = /[\\^]|\{\d/u;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [found, capture] of text.normalize('NFKC').matchAll(piece)) {
    if (found.trim() === '') continue;
    if (capture !== undefined) tokens.push({ capture });
    else if ('()[]|*$'.includes(found)) tokens.push({ sign: found });
    else tokens.push(...wordTokens(found));
  }
  return tokens;
}

function wordTokens(found: string): Token[] {
  if (found === '<' || found === '>') throw wrong('a word that is kept is written <name>, in small letters');
  if (foreign.test(found))
    throw wrong(
      `${JSON.stringify(found)} looks like a regular expression: a pattern is words, (a|b), [a], <name>, * and $`,
    );
  const words = wordsOf(found);
  if (words.length === 0) throw wrong(`${JSON.stringify(found)} is no word`);
  return words.map((word) => ({ word }));
}

class Parser {
  readonly captures = new Set<string>();
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): { readonly root: Node; readonly isWhole: boolean } {
    const root = this.#choice();
    const isWhole = this.#take('$');
    const [rest] = this.#tokens.slice(this.#at);
    if (rest !== undefined)
      throw wrong(
        isWhole ? '$ stands at the very end, or nowhere' : `${JSON.stringify(spelled(rest))} stands alone`,
      );
    return { root, isWhole };
  }

  #choice(): Node {
    if ((this.#depth += 1) > deepest) throw wrong(`brackets deeper than ${deepest}`);
    const ways = [this.#sequence()];
    while (this.#take('|')) ways.push(this.#sequence());
    this.#depth -= 1;
    const [only] = ways;
    return ways.length === 1 && only !== undefined ? only : { kind: 'choice', ways };
  }

  #sequence(): Node {
    const items: Node[] = [];
    for (let item = this.#item(); item !== undefined; item = this.#item()) items.push(item);
    if (items.length === 0)
      throw wrong('a way with nothing in it; what may be left out is written [like this]');
    const [only] = items;
    return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items };
  }

  #item(): Node | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined) return undefined;
    if ('word' in token) {
      this.#at += 1;
      return { kind: 'word', word: token.word };
    }
    if ('capture' in token) {
      this.#at += 1;
      return this.#capture(token.capture);
    }
    if (this.#take('*')) return { kind: 'any' };
    if (this.#take('(')) return this.#closed(')');
    if (this.#take('[')) return { kind: 'choice', ways: [this.#closed(']'), nothing] };
    return undefined;
  }

  #closed(sign: string): Node {
    const inner = this.#choice();
    if (!this.#take(sign)) throw wrong(`${JSON.stringify(sign)} is missing`);
    return inner;
  }

  #capture(name: string): Node {
    this.captures.add(name);
    if (this.captures.size > mostCaptures) throw wrong(`more than ${mostCaptures} words are kept`);
    return { kind: 'capture', name };
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || !('sign' in token) || token.sign !== sign) return false;
    this.#at += 1;
    return true;
  }
}

const nothing: Node = { kind: 'sequence', items: [] };

function spelled(token: Token): string {
  if ('sign' in token) return token.sign;
  return 'word' in token ? token.word : `<${token.capture}>`;
}

/** Words of its own on the way that has fewest: with none, it would answer whatever is asked. */
export function fewestOwnWords(node: Node): number {
  return fewest(node, { word: 1, capture: 0, any: 0 });
}

function leastWords(node: Node): number {
  return fewest(node, { word: 1, capture: 1, any: 0 });
}

function fewest(node: Node, worth: Readonly<Record<'word' | 'capture' | 'any', number>>): number {
  if (node.kind === 'sequence') return node.items.reduce((sum, item) => sum + fewest(item, worth), 0);
  if (node.kind === 'choice') return Math.min(...node.ways.map((way) => fewest(way, worth)));
  return worth[node.kind];
}

function canonicalOf(node: Node): string {
  switch (node.kind) {
    case 'word':
      return node.word;
    case 'any':
      return '*';
    case 'capture':
      return `<${node.name}>`;
    case 'sequence':
      return node.items.map(canonicalOf).join(' ');
    default:
      return `(${node.ways.map(canonicalOf).join('|')})`;
  }
}

function wrong(why: string): Error {
  return fault('KORA_PHRASEBOOK_INVALID', `pattern: ${why}`);
}
