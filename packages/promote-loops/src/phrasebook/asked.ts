import { wordsAsked } from '@kora/runtime/plugin';
import type { PastQuestion, ReasonRoute } from '@kora/runtime/plugin';
import type { Counted } from '../cluster/cluster.ts';
import { Fold } from '../cluster/fold.ts';

/** Where people ask in their own words: the only questions that a phrase is for. */
const byPeople: ReadonlySet<ReasonRoute> = new Set([
  'cli',
  'cockpit',
  'slack_dm',
  'email_inbound',
  'mcp_tool',
  'unknown',
]);

export const entryKind = 'phrasebook.entry';

/** One question in the words that a pattern compares, and what its answers took. */
export interface Asked extends Counted {
  count: number;
  costMicroUsd: number;
  durationMs: number;
  /** The newest runs, `mostRuns` at most. */
  readonly runs: string[];
}

const mostTexts = 20_000;
const mostRuns = 24;

/** Asked by a person, and thought about by an engine that came to an answer. */
export function isAnswered({ route, status, by }: PastQuestion): boolean {
  return byPeople.has(route) && status === 'answered' && by === 'engine';
}

/** What the phrasebook may learn from: an engine's answer to a person, without strangers, and without a learned phrase in it. */
export function teaches(question: PastQuestion): boolean {
  return (
    isAnswered(question) && !question.untrusted && !question.learned.some(({ kind }) => kind === entryKind)
  );
}

/** The words of one, in their order. */
export function wordsOf({ text }: Pick<Asked, 'text'>): readonly string[] {
  return text.split(' ');
}

/** Questions of a window, equal ones folded into one; holds twenty thousand texts at most, whatever comes. */
export class AskedQuestions {
  readonly #fold = new Fold<Asked>(mostTexts);

  add(question: PastQuestion): void {
    if (!teaches(question)) return;
    const words = wordsAsked(question.text);
    if (words === undefined || words.length === 0) return;
    const text = words.join(' ');
    const asked = this.#fold.of(text, () => ({
      text,
      count: 0,
      costMicroUsd: 0,
      durationMs: 0,
      runs: [],
    }));
    asked.runs[asked.count % mostRuns] = question.runId;
    asked.count += 1;
    asked.costMicroUsd += question.costMicroUsd;
    asked.durationMs += question.durationMs;
  }

  all(): readonly Asked[] {
    return [...this.#fold.values()];
  }
}
