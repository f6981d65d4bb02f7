import { phraseOf } from '../../packages/runtime/src/reason/phrasebook/phrase.ts';
import type { Asked } from './questions.ts';
import { standing } from './standing.ts';

/** What was learned, as far as an answer follows from it. */
export interface Said {
  readonly pattern: string;
  readonly reply: string;
}

/** What entries would have done with questions whose right answers are known. */
export interface Judgement {
  readonly asked: number;
  readonly answered: number;
  readonly right: number;
  /** Questions that repeat and whose answer is the same or in the snapshot: all that could be answered. */
  readonly answerable: number;
  readonly costMicroUsd: number;
  readonly deflectedMicroUsd: number;
  /** The first of what was answered wrongly, for people. */
  readonly wrong: readonly string[];
}

/** Holds entries against questions by the truth of the generator, which nobody else has. */
export async function judge(entries: readonly Said[], asked: readonly Asked[]): Promise<Judgement> {
  const phrases = entries.map((entry) => phraseOf(entry));
  let answered = 0;
  let right = 0;
  let deflected = 0;
  const wrong: string[] = [];
  for (const { question, truth } of asked) {
    const phrase = phrases.find((each) => each.fits(question.text));
    if (phrase === undefined) continue;
    const said = phrase.say(question.text, await standing(question.moment), question.atMs);
    // What is not known is left to the engine, and is no answer.
    if (said === undefined || said === null) continue;
    answered += 1;
    if (isRight(said, truth.facts)) {
      right += 1;
      deflected += question.costMicroUsd;
    } else if (wrong.length < 5) wrong.push(`${truth.topic}: ${question.text} -> ${said}`);
  }
  return {
    asked: asked.length,
    answered,
    right,
    answerable: asked.filter(({ truth }) => truth.repeats).length,
    costMicroUsd: asked.reduce((sum, { question }) => sum + question.costMicroUsd, 0),
    deflectedMicroUsd: deflected,
    wrong,
  };
}

/** Every fact stands in it, whole: `7` is not in `17` nor in `7.5`. */
function isRight(text: string, facts: readonly string[]): boolean {
  return facts.length > 0 && facts.every((fact) => stands(fact, text));
}

function stands(fact: string, text: string): boolean {
  const literal = fact.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.])${literal}(?!\w|\.\d)`).test(text);
}
