import { compare } from '../cluster/cluster.ts';
import { holds, savedOf } from './mails.ts';
import type { Subject } from './mails.ts';

const mostWords = 6;
const leastLetters = 4;
/** Share of a cluster's saved mails that the phrase must hold. */
const leastCovered = 0.75;
/** Words that stand in any subject. */
const anywhere: ReadonlySet<string> = new Set(
  'a an and any are as at be by for from has have in is it its me my new no of on or our please the this to was we with you your und der die das für von mit'.split(
    ' ',
  ),
);

/**
 * The words in a row that tell a cluster's subjects from all others: of those that hold most of it and were nearly always
 * saved, the one that holds most, then the longest. Undefined where there is none.
 */
export function phraseOfCluster(
  members: readonly Subject[],
  all: readonly Subject[],
  minPrecision: number,
): string | undefined {
  const saved = members.reduce((sum, one) => sum + one.saved, 0);
  return runsOfWords(members)
    .map((phrase) => {
      const covered = members.reduce((sum, one) => sum + (holds(one.text, phrase) ? one.saved : 0), 0);
      return { phrase, covered };
    })
    .filter(({ covered }) => covered >= saved * leastCovered)
    .sort(
      (one, other) =>
        other.covered - one.covered ||
        other.phrase.length - one.phrase.length ||
        compare(one.phrase, other.phrase),
    )
    .map(({ phrase }) => phrase)
    .find((phrase) => {
      const { hits, of } = savedOf(all, phrase);
      return of > 0 && hits / of >= minPrecision;
    });
}

/** Words in a row of the most frequent subjects, each once: enough that a phrase of most of them is among them. */
function runsOfWords(members: readonly Subject[]): readonly string[] {
  const runs = new Set<string>();
  for (const { text } of members.slice(0, 8)) {
    const words = text.split(' ');
    for (let from = 0; from < words.length; from += 1)
      for (let to = from + 1; to <= Math.min(words.length, from + mostWords); to += 1) {
        const run = words.slice(from, to);
        if (run.some(tells) && !run.includes('0')) runs.add(run.join(' '));
      }
  }
  return [...runs];
}

/** A word that stands for something. */
function tells(word: string): boolean {
  return word.length >= leastLetters && !anywhere.has(word);
}
