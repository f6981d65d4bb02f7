import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { phraseOf } from '@kora/runtime/plugin';
import type { HistoryLook, Observed, PastQuestion, Phrase, ProposalDraft } from '@kora/runtime/plugin';
import { clustersOf, compare } from '../cluster/cluster.ts';
import { normalised } from '../cluster/features.ts';
import { perDay } from '../figures/span.ts';
import { everyRow } from '../reading/pages.ts';
import { AskedQuestions, entryKind, wordsOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { candidatesOf, fieldsIn, runsOf, sum } from './candidates.ts';
import type { Candidate, PhraseLoop } from './candidates.ts';
import { heardOf, judged } from './heard.ts';
import { likenessOf } from './settings.ts';

const mostSamples = 20;
/** A word of this share of the questions is part of what is asked; the others come and go. */
const leastCommon = 0.8;
/** Days over which an answer without a field must have been the same: what turns each week is no knowledge. */
const leastDays = 14;

/** Finds questions that are asked again and again, and answered alike each time: the costliest first. */
export async function observePhrases(
  loop: PhraseLoop,
  look: HistoryLook,
  signal: AbortSignal,
): Promise<Observed> {
  const { promotion, settings, cache } = loop;
  const asked = new AskedQuestions();
  const inForce = new Set((await promotion.places(entryKind)).map(({ key }) => key));
  const observed = await everyRow(
    (query) => promotion.history.questions(query),
    { look },
    {
      signal,
      visit: (question) => {
        asked.add(question);
        for (const { kind, key } of question.learned) if (kind === entryKind) inForce.add(key);
      },
    },
  );
  const all = asked.all();
  const known = [...inForce].map((pattern) => phraseOf({ pattern, reply: '-' }));
  const clusters = await clustersOf(all, {
    threshold: settings.questionSimilarity,
    cache,
    pause: turnOfOthers,
    signal,
  });
  const candidates = await candidatesOf(loop, { clusters, known, look }, signal);
  const drafts: ProposalDraft[] = [];
  for (const candidate of candidates) {
    if (drafts.length >= settings.mostProposals) break;
    await turnOfOthers();
    const draft = await draftOf(loop, { candidate, all, look }, signal);
    if (draft !== undefined) drafts.push(draft);
  }
  return { observed, drafts };
}

interface Found {
  readonly candidate: Candidate;
  readonly all: readonly Asked[];
  readonly look: HistoryLook;
}

async function draftOf(
  { promotion, settings }: PhraseLoop,
  { candidate: { pattern, reply }, all, look }: Found,
  signal: AbortSignal,
): Promise<ProposalDraft | undefined> {
  const phrase = phraseOf({ pattern, reply });
  if (phrase.stale !== undefined) return undefined;
  const matched = all
    .filter(({ text }) => phrase.fits(text))
    .sort((one, other) => other.count - one.count || compare(one.text, other.text));
  const size = sum(matched, 'count');
  if (size < settings.minClusterSize) return undefined;
  const heard = await heardOf(promotion.history, { look, runs: runsOf(matched) }, signal);
  const { said, agreed } = judged(phrase, heard, likenessOf(settings));
  if (said.length === 0 || agreed / said.length < settings.minPrecision) return undefined;
  if (!reply.includes('{snapshot.') && !isKnowledge(heard)) return undefined;
  return written({ matched, size, pattern, reply, phrase, heard, look, said: said.length, agreed });
}

/** Said of itself, without a look at anything that changes, and the same over weeks. */
function isKnowledge(heard: readonly PastQuestion[]): boolean {
  const times = heard.map(({ at }) => Date.parse(at));
  const days = (Math.max(...times) - Math.min(...times)) / 86_400_000;
  return days >= leastDays && heard.every(({ tools }) => tools.length === 0);
}

interface Written {
  readonly matched: readonly Asked[];
  readonly size: number;
  readonly pattern: string;
  readonly reply: string;
  readonly phrase: Phrase;
  readonly heard: readonly PastQuestion[];
  readonly look: HistoryLook;
  readonly said: number;
  readonly agreed: number;
}

function written({
  matched,
  size,
  pattern,
  reply,
  phrase,
  heard,
  look,
  said,
  agreed,
}: Written): ProposalDraft {
  const question = matched[0]?.text ?? '';
  const cost = sum(matched, 'costMicroUsd');
  const ms = sum(matched, 'durationMs');
  const share = heard.length === 0 ? 0 : said / heard.length;
  return {
    identity: { question: commonWords(matched, size), says: saysOf(reply) },
    change: {
      kind: entryKind,
      key: pattern,
      value: { reply, category: 'learned', description: `learned: ${question}`.slice(0, 256) },
    },
    title: `Answer ${JSON.stringify(question)} at no cost`,
    why: [
      `Asked ${size} times in ${matched.length} wordings, and answered alike by an engine.`,
      `The pattern is ${pattern}`,
      `The reply is ${reply}`,
      `Of ${said} answers that it would have given, the engine gave ${agreed} alike.`,
    ].join('\n'),
    evidence: { size, samples: samplesOf(phrase, heard) },
    baseline: [
      { name: 'precision', before: null, after: agreed / said, samples: said },
      { name: 'cost_per_question_micro_usd', before: cost / size, after: 0, samples: size },
      { name: 'duration_ms_per_question', before: ms / size, after: 0, samples: size },
    ],
    expected: {
      microUsdPerDay: Math.round(perDay(cost * share, look)),
      secondsPerDay: perDay((ms / 1_000) * share, look),
    },
  };
}

function samplesOf(phrase: Phrase, heard: readonly PastQuestion[]): ProposalDraft['evidence']['samples'] {
  return heard.slice(0, mostSamples).map(({ runId, at, text, answer, snapshot }) => {
    const would = phrase.say(text, snapshot, Date.parse(at)) ?? 'nothing, and the engine would be asked';
    return {
      text: `${text} -> ${answer.slice(0, 200)} (would say: ${would.slice(0, 200)})`,
      ref: `run ${runId}`,
    };
  });
}

/** What a reply is about: its fields, or where it has none its words. */
function saysOf(reply: string): readonly string[] {
  const fields = fieldsIn(reply);
  return fields.length > 0 ? fields : [normalised(reply)];
}

/** The words that nearly all of these questions have, by their letters: the same from cycle to cycle. */
function commonWords(matched: readonly Asked[], size: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const one of matched)
    for (const word of new Set(wordsOf(one))) counts.set(word, (counts.get(word) ?? 0) + one.count);
  return [...counts]
    .filter(([, count]) => count >= size * leastCommon)
    .map(([word]) => word)
    .sort();
}
