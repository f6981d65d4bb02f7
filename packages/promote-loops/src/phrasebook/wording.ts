/** A question's words and how often they came. */
export interface Worded {
  readonly words: readonly string[];
  readonly count: number;
}

export interface Wording {
  /** In the phrasebook's own language, with `$` at its end. */
  readonly pattern: string;
  /** Words that every question of it has, in their order. */
  readonly core: readonly string[];
}

const leastCore = 2;
const mostMembers = 40;
const mostWays = 12;
/** Askings from which on a word that came once is a slip. */
const manyAskings = 20;
/** What a proposal's key may be long. */
const longestPattern = 300;
const signs = /[()[\]|*$<>\\^{}]/;

/**
 * The pattern of questions, the most frequent first: the words that all of them have stay in their order, and between them
 * stands what stood there, `(a|b)`, or `[a]` where one of them goes without. Nothing is left open: a question that goes on
 * is another question. The rarest are left out until what remains has two words in common; undefined where none do.
 */
export function wordingOf(questions: readonly Worded[]): Wording | undefined {
  const slips = slipsOf(questions);
  const usual = questions.filter(({ words }) => words.every((word) => speakable(word) && !slips.has(word)));
  for (let take = Math.min(usual.length, mostMembers); take > 0; take -= 1) {
    const members = usual.slice(0, take).map(({ words }) => words);
    const core = members.reduce(commonWords);
    if (core.length < leastCore) continue;
    const pattern = patternOf(core, members);
    if (pattern !== undefined && pattern.length <= longestPattern) return { pattern, core };
  }
  return undefined;
}

/** Whether it can stand in a pattern as it is. */
export function speakable(text: string): boolean {
  return !signs.test(text);
}

/** Words that came once among many askings: spelled wrongly, or beside the question. */
function slipsOf(questions: readonly Worded[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  let askings = 0;
  for (const { words, count } of questions) {
    askings += count;
    for (const word of new Set(words)) counts.set(word, (counts.get(word) ?? 0) + count);
  }
  if (askings < manyAskings) return new Set();
  return new Set([...counts].flatMap(([word, count]) => (count === 1 ? [word] : [])));
}

function patternOf(core: readonly string[], members: readonly (readonly string[])[]): string | undefined {
  const gaps = Array.from({ length: core.length + 1 }, () => new Set<string>());
  for (const words of members) for (const [at, gap] of gapsOf(words, core).entries()) gaps[at]?.add(gap);
  const parts: string[] = [];
  for (const [at, ways] of gaps.entries()) {
    if (ways.size > mostWays) return undefined;
    parts.push(waysOf(ways), core[at] ?? '$');
  }
  return parts.filter((part) => part !== '').join(' ');
}

function waysOf(ways: ReadonlySet<string>): string {
  const said = [...ways].filter((way) => way !== '').sort();
  if (said.length === 0) return '';
  return ways.has('') ? `[${said.join('|')}]` : `(${said.join('|')})`;
}

/** What stands before, between and after the words of the core, each as early as it comes. */
function gapsOf(words: readonly string[], core: readonly string[]): readonly string[] {
  const gaps: string[] = [];
  let from = 0;
  for (const word of core) {
    const at = words.indexOf(word, from);
    gaps.push(words.slice(from, at).join(' '));
    from = at + 1;
  }
  return [...gaps, words.slice(from).join(' ')];
}

/** The longest sequence of words that both have in this order. */
function commonWords(one: readonly string[], other: readonly string[]): readonly string[] {
  const width = other.length + 1;
  const longest = new Uint16Array((one.length + 1) * width);
  const at = (left: number, right: number): number => longest[left * width + right] ?? 0;
  for (let left = one.length - 1; left >= 0; left -= 1)
    for (let right = other.length - 1; right >= 0; right -= 1)
      longest[left * width + right] =
        one[left] === other[right]
          ? at(left + 1, right + 1) + 1
          : Math.max(at(left + 1, right), at(left, right + 1));
  const common: string[] = [];
  for (let left = 0, right = 0; left < one.length && right < other.length; ) {
    const word = one[left];
    if (word !== undefined && word === other[right]) {
      common.push(word);
      left += 1;
      right += 1;
    } else if (at(left + 1, right) >= at(left, right + 1)) left += 1;
    else right += 1;
  }
  return common;
}

/**
 * One pattern for several, the first of them first. What may stand before and after each of them, and be left out, is written
 * once for all; what would make it too long is left out.
 */
export function joinedPattern(patterns: readonly string[]): string {
  const taken: Framed[] = [];
  for (const pattern of new Set(patterns)) {
    const framed = framedOf(pattern);
    if (written([...taken, framed]).length <= longestPattern) taken.push(framed);
  }
  return written(taken);
}

interface Framed {
  readonly before: readonly string[];
  readonly middle: string;
  readonly after: readonly string[];
}

const frame = /^(?:\[([^[\]()]*)\] )?(.*?)(?: \[([^[\]()]*)\])? \$$/;

function framedOf(pattern: string): Framed {
  const [, before, middle = '', after] = frame.exec(pattern) ?? [];
  return { before: before?.split('|') ?? [], middle, after: after?.split('|') ?? [] };
}

function written(framed: readonly Framed[]): string {
  const optional = (side: 'before' | 'after'): string => {
    const ways = [...new Set(framed.flatMap((one) => one[side]))].sort();
    return ways.length === 0 ? '' : `[${ways.join('|')}]`;
  };
  const [first, ...others] = [...new Set(framed.map(({ middle }) => middle))];
  const middle = others.length === 0 ? (first ?? '') : `(${[first, ...others].join('|')})`;
  return [optional('before'), middle, optional('after'), '$'].filter((part) => part !== '').join(' ');
}
