import { phraseOf, wordsAsked } from '@kora/runtime/plugin';
import type { Examination, HistoryLook, PastQuestion, ProposalDraft } from '@kora/runtime/plugin';
import { z } from 'zod';
import { percent } from '../figures/round.ts';
import { atLeast } from '../figures/share.ts';
import { perDay } from '../figures/span.ts';
import { everyRow } from '../reading/pages.ts';
import { isAnswered } from './asked.ts';
import { entryOf } from './entry.ts';
import { heardOf, judged } from './heard.ts';
import type { PhraseLoop } from './candidates.ts';
import { likenessOf } from './settings.ts';

/** Answers that are compared: of more, the newest. */
const mostHeard = 500;
/**
 * What the precision is at least likely to be (Wilson, one-sided 95 %). Twenty of twenty give 0.88; a share of 0.98 that was
 * met by luck on a handful does not.
 */
const leastLikely = 0.85;

/** Letters of a word that says what a question is about. */
const leastTelling = 4;

const identity = z.object({ question: z.array(z.string()) });

/**
 * Puts the pattern to the questions that `observe` never saw, those with the text of strangers included: whatever it would
 * have answered must be what the engine said.
 */
export async function examinePhrase(
  { promotion, settings }: PhraseLoop,
  draft: ProposalDraft,
  heldOut: HistoryLook,
  signal: AbortSignal,
): Promise<Examination> {
  const { pattern, reply } = entryOf(draft.change);
  const phrase = phraseOf({ pattern, reply });
  const telling = identity.parse(draft.identity).question.filter((word) => word.length >= leastTelling);
  const runs: string[] = [];
  let fitting = 0;
  let about = 0;
  await everyRow(
    (query) => promotion.history.questions(query),
    { look: heldOut },
    {
      signal,
      visit: (past: PastQuestion) => {
        if (!isAnswered(past)) return;
        const words = wordsAsked(past.text);
        if (words === undefined) return;
        const isAbout = telling.length > 0 && telling.every((word) => words.includes(word));
        if (isAbout) about += 1;
        if (!phrase.fits(past.text)) return;
        if (!isAbout) about += 1;
        runs[fitting % mostHeard] = past.runId;
        fitting += 1;
      },
    },
  );
  const heard = await heardOf(promotion.history, { look: heldOut, runs }, signal);
  const { said, agreed } = judged(phrase, heard, likenessOf(settings));
  const precision = said.length === 0 ? null : agreed / said.length;
  const likely = atLeast({ hits: agreed, of: said.length });
  const share = heard.length === 0 ? 0 : fitting / heard.length;
  const saved = (field: 'costMicroUsd' | 'durationMs'): number =>
    perDay(share * said.reduce((total, one) => total + one[field], 0), heldOut);
  const needed = Math.max(settings.minHeldOut, 1);
  const isEnough = said.length >= needed && likely >= leastLikely;
  return {
    passed: isEnough && precision !== null && precision >= settings.minPrecision,
    why: isEnough
      ? `it agreed with the engine in ${agreed} of ${said.length} held-out answers: ${percent(precision ?? 0)}, at least ${percent(likely)} with 95 % confidence; ${percent(settings.minPrecision)} are asked`
      : `it would have answered ${said.length} held-out questions, ${agreed} of them like the engine: too few to say, of ${needed} asked`,
    figures: [
      { name: 'precision', before: null, after: precision, samples: said.length },
      { name: 'precision_lower_bound', before: null, after: likely, samples: said.length },
      {
        name: 'recall',
        before: 0,
        after: telling.length === 0 || about === 0 ? null : fitting / about,
        samples: about,
      },
      { name: 'deflected', before: 0, after: said.length, samples: fitting },
    ],
    gain: { microUsdPerDay: Math.round(saved('costMicroUsd')), secondsPerDay: saved('durationMs') / 1_000 },
  };
}
