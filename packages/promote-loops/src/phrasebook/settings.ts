import { z } from 'zod';
import { loopSettings } from '../settings.ts';
import type { Likeness } from './agreement.ts';

/** How `promote_phrasebook` is run, and what it asks of a proposal. */
export const phrasebookSettings = loopSettings(
  // Of a week too little is held out to say anything, and what turns every week looks as if it stood.
  { windowDays: 30 },
  {
    /** Questions that a cluster must hold in the part that is shown. */
    minClusterSize: z.number().int().min(2).max(10_000).default(5),
    /**
     * Cosine of words and character 3-grams that two questions of a cluster have at least. A greeting or a `please` takes a
     * short question far from itself, so this is low; what is too wide is found by its answers.
     */
    questionSimilarity: z.number().min(0.5).max(1).default(0.6),
    /** The same of two answers that are in the same words, their values left out. */
    answerSimilarity: z.number().min(0.5).max(1).default(0.92),
    /** The same of two answers in other words, which must have the same values, names and words that decide. */
    rephrasedSimilarity: z.number().min(0.5).max(1).default(0.7),
    /** Share of a cluster's answers that must say the same. */
    answerConsistency: z.number().min(0.5).max(1).default(0.75),
    /** Share of what the pattern answers in the held-out part that must agree with the engine. */
    minPrecision: z.number().min(0.9).max(1).default(0.98),
    /** Held-out questions that the pattern must have answered before that share says anything. */
    minHeldOut: z.number().int().min(5).max(10_000).default(20),
    /** Proposals of one cycle, those that save most first. */
    mostProposals: z.number().int().min(1).max(20).default(5),
  },
);
export type PhrasebookSettings = z.infer<typeof phrasebookSettings>;

/** What the settings say of two answers that agree. */
export function likenessOf(settings: PhrasebookSettings): Likeness {
  return { same: settings.answerSimilarity, rephrased: settings.rephrasedSimilarity };
}
