import { spokenValues } from '@kora/runtime/plugin';
import type { HistoryLook, LoopHistory, PastQuestion, Phrase } from '@kora/runtime/plugin';
import { pagesOf } from '../reading/pages.ts';
import { agree } from './agreement.ts';
import type { Likeness } from './agreement.ts';
import type { Answered } from './template.ts';

const mostAtOnce = 100;

interface Wanted {
  readonly look: HistoryLook;
  readonly runs: readonly string[];
}

/** These runs, each with the snapshot its engine was handed: a few, since a snapshot is big. */
export function heardOf(
  history: LoopHistory,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<readonly PastQuestion[]> {
  return runsOf(history, { ...wanted, with: 'snapshot' }, signal);
}

/** These runs without it. */
export function answersOf(
  history: LoopHistory,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<readonly PastQuestion[]> {
  return runsOf(history, wanted, signal);
}

async function runsOf(
  history: LoopHistory,
  { runs, ...rest }: Wanted & { readonly with?: 'snapshot' },
  signal: AbortSignal,
): Promise<readonly PastQuestion[]> {
  const found: PastQuestion[] = [];
  for (let from = 0; from < runs.length; from += mostAtOnce) {
    const query = { ...rest, runs: runs.slice(from, from + mostAtOnce) };
    for await (const rows of pagesOf((page: typeof query) => history.questions(page), query, signal))
      found.push(...rows);
  }
  return found;
}

export function answeredBy({ answer, snapshot }: PastQuestion): Answered {
  return { answer, values: snapshot === null ? new Map() : spokenValues(snapshot) };
}

/** What a phrase would have made of questions that an engine answered. */
export interface Judged {
  /** It had an answer: every value of it was known and fresh. */
  readonly said: readonly PastQuestion[];
  /** And the engine said the same. */
  readonly agreed: number;
  /** And in the same words. */
  readonly inSameWords: number;
}

export function judged(phrase: Phrase, heard: readonly PastQuestion[], likeness: Likeness): Judged {
  const said: PastQuestion[] = [];
  let agreed = 0;
  let inSameWords = 0;
  for (const question of heard) {
    const would = phrase.say(question.text, question.snapshot, Date.parse(question.at));
    if (would === undefined) continue;
    said.push(question);
    const how = agree(would, question.answer, { likeness, question: question.text });
    if (how !== undefined) agreed += 1;
    if (how === 'same') inSameWords += 1;
  }
  return { said, agreed, inSameWords };
}
