import { featuresOf, normalised, similarity } from '../cluster/features.ts';
import { isSameValue, literalsIn } from './literals.ts';

/** A text with its values taken out. */
export interface Masked {
  readonly features: Uint32Array;
  readonly values: readonly string[];
  /** Words that turn what is said into something else, in the order of letters. */
  readonly decisive: string;
}

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
  const plain = normalised(rest + text.slice(at));
  return {
    features: featuresOf(plain),
    values: values.map(({ text: value }) => value),
    decisive: plain
      .split(' ')
      .filter((word) => decisiveWords.has(word))
      .sort()
      .join(' '),
  };
}

/**
 * Whether two answers say the same: the same values in the same order, the same words that decide, and the rest alike. Two
 * answers that differ in nothing but `up` and `down`, or 3 and 4, do not agree, however alike they are.
 */
export function agree(one: string | Masked, other: string | Masked, likeness: number): boolean {
  if (one === other) return true;
  const left = typeof one === 'string' ? maskedOf(one) : one;
  const right = typeof other === 'string' ? maskedOf(other) : other;
  return (
    left.decisive === right.decisive &&
    left.values.length === right.values.length &&
    left.values.every((value, at) => isSameValue(value, right.values[at] ?? '')) &&
    similarity(left.features, right.features) >= likeness
  );
}
