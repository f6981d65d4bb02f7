import { featuresOf, normalised, similarity } from '../cluster/features.ts';
import { isSameValue, literalsIn } from './literals.ts';

/** A text with its values taken out. */
export interface Masked {
  readonly features: Uint32Array;
  readonly values: readonly string[];
  /** Words that turn what is said into something else, in the order of letters. */
  readonly decisive: string;
  /** Names and addresses, in the order of letters. */
  readonly names: string;
  readonly words: number;
}

/** How alike two answers must be: in the same words, and in other words. */
export interface Likeness {
  readonly same: number;
  readonly rephrased: number;
}

/** Fewer words than these, and no value among them, are not said in other words: one name more or less is another answer. */
const rephrasable = 10;

/** Every digit of a text is in a value, so that this stands for nothing else. */
const masked = ' 0 ';

const decisiveWords: ReadonlySet<string> = new Set(
  (
    'not no never none nothing nobody without neither nor yes cannot cant dont doesnt isnt arent wasnt wont ' +
    'up down on off ok okay well fine healthy unhealthy good bad failed failing failure fails broken degraded ' +
    'running stopped paused held blocked stuck idle busy waiting open closed resolved enabled disabled ' +
    'online offline reachable unreachable green yellow orange red more less above below before after since until ' +
    'increased decreased rising falling all some one two three four five six seven eight nine ten eleven twelve ' +
    'monday tuesday wednesday thursday friday saturday sunday january february march april june july august ' +
    'september october november december today yesterday tomorrow'
  ).split(' '),
);

export function maskedOf(text: string): Masked {
  const values = literalsIn(text);
  let rest = '';
  let at = 0;
  for (const { from, to } of values) {
    rest += text.slice(at, from) + masked;
    at = to;
  }
  rest += text.slice(at);
  const plain = normalised(rest);
  const deciding = normalised(rest.replaceAll(imperative, '$1'));
  return {
    features: featuresOf(plain),
    names: namesIn(rest),
    words: plain.split(' ').length,
    values: values.map(({ text: value }) => value),
    decisive: deciding
      .split(' ')
      .filter((word) => decisiveWords.has(word))
      .sort()
      .join(' '),
  };
}

/**
 * Whether two texts are alike but for their values, and of the same names. `rephrased`: in other words; that is believed only
 * where values, or many words, have a say in it.
 */
export function alike(one: Masked, other: Masked, likeness: Likeness): 'same' | 'rephrased' | undefined {
  if (one.decisive !== other.decisive || one.names !== other.names) return undefined;
  if (one.values.length !== other.values.length) return undefined;
  const near = similarity(one.features, other.features);
  if (near >= likeness.same) return 'same';
  const isRephrasable = one.values.length > 0 || Math.min(one.words, other.words) >= rephrasable;
  return isRephrasable && near >= likeness.rephrased ? 'rephrased' : undefined;
}

/**
 * Whether two answers say the same: the same values, the same words that decide, and the rest alike. Two answers that
 * differ in nothing but `up` and `down`, or 3 and 4, do not agree, however alike they are. In the same words values stand in
 * the same order; in other words they may stand in another. What one answer takes up of its question and the other does not
 * is another answer: `the gate` is not `the crane`, in however many words about it.
 */
export function agree(
  one: string,
  other: string,
  { likeness, question = '' }: { readonly likeness: Likeness; readonly question?: string },
): 'same' | 'rephrased' | undefined {
  if (one === other) return 'same';
  if (echoesApart(question, one, other)) return undefined;
  const [left, right] = [maskedOf(one), maskedOf(other)];
  const how = alike(left, right, likeness);
  if (how === undefined) return undefined;
  const isInOrder = left.values.every((value, at) => isSameValue(value, right.values[at] ?? ''));
  if (how === 'same') return isInOrder ? how : undefined;
  return isInOrder || isSameSet(left.values, right.values) ? how : undefined;
}

/** Letters of a word that a question may be about; and those that are in any question. */
const leastEcho = 4;
const inAnyQuestion: ReadonlySet<string> = new Set(
  (
    'what where when which whom whose does have many much more most there this that these those with from your ' +
    'please thanks tell today right hello kora need want would could should will about into than then they them'
  ).split(' '),
);

function echoesApart(question: string, one: string, other: string): boolean {
  const left = new Set(normalised(one).split(' '));
  const right = new Set(normalised(other).split(' '));
  return normalised(question)
    .split(' ')
    .some(
      (word) => word.length >= leastEcho && !inAnyQuestion.has(word) && left.has(word) !== right.has(word),
    );
}

/** Whether two answers may be one reply at two moments: as they agree, but for their values. */
export function soundsLike(
  one: string,
  other: string,
  { likeness, question }: { readonly likeness: Likeness; readonly question: string },
): boolean {
  if (one === other) return true;
  return !echoesApart(question, one, other) && alike(maskedOf(one), maskedOf(other), likeness) !== undefined;
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const rest = [...other];
  return one.every((value) => {
    const at = rest.findIndex((candidate) => isSameValue(value, candidate));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  });
}

const word = /[\p{L}][\p{L}\p{N}'’_-]*/gu;
const sentenceEnd = /(?:^|[.!?:;\n])\s*$/u;
/** `Open the door` says what to do, and not how a door stands. */
const imperative = /((?:^|[.!?]\s)\s*)Open(?=\s+(?:the|a|an|your)\b)/gu;
/** After a word at the beginning of a sentence these say that it is no name: `Open the`, `Start your`. */
const determiners = /^\s+(?:the|a|an|your|my|our|this|that|these|those|to|in|at|on|with|it)\b/u;
const starters =
  /^(?:the|an?|there|it|its|this|that|these|those|they|you|we|he|she|i|yes|no|to|in|at|on|for|of|and|please|if|when|as|so|all|our|your)$/iu;

const address = /[\p{L}\p{N}_-]+(?:[./@:]+[\p{L}\p{N}_-]+)+/gu;

/** Words with a capital where nothing but a name has one, and addresses. */
function namesIn(text: string): string {
  const names: string[] = [...text.matchAll(address)].map(([found]) => found.toLowerCase());
  for (const { 0: found, index } of text.matchAll(word)) {
    if (found.toLowerCase() === found) continue;
    const isFirst = sentenceEnd.test(text.slice(Math.max(0, index - 8), index));
    if (
      isFirst &&
      (starters.test(found) || determiners.test(text.slice(index + found.length, index + found.length + 12)))
    )
      continue;
    names.push(found.toLowerCase());
  }
  return names.sort().join(' ');
}
