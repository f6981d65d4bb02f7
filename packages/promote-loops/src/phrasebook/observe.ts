import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { phraseOf } from '@kora/runtime/plugin';
import type {
  HistoryLook,
  Observed,
  PastQuestion,
  Phrase,
  PromotionContext,
  ProposalDraft,
} from '@kora/runtime/plugin';
import { clustersOf, compare } from '../cluster/cluster.ts';
import type { SignatureCache } from '../cluster/signature.ts';
import { perDay } from '../figures/span.ts';
import { everyRow } from '../reading/pages.ts';
import { AskedQuestions, entryKind, wordsOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { answeredBy, heardOf, judged } from './heard.ts';
import type { PhrasebookSettings } from './settings.ts';
import { templateOf } from './template.ts';
import { wordingOf } from './wording.ts';
import type { Wording } from './wording.ts';

export interface PhraseLoop {
  readonly promotion: PromotionContext;
  readonly settings: PhrasebookSettings;
  readonly cache: SignatureCache;
}

/** Clusters that are looked at for each proposal there may be: most have no reply that holds. */
const looksPerProposal = 4;
/** Answers that a reply is made from. */
const mostAnswers = 96;
const mostSamples = 20;
/** A word of this share of a cluster's questions is part of what is asked; the others come and go. */
const leastCommon = 0.8;

/** Finds questions that are asked again and again, and answered alike each time: the costliest first. */
export async function observePhrases(
  { promotion, settings, cache }: PhraseLoop,
  look: HistoryLook,
  signal: AbortSignal,
): Promise<Observed> {
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
  const worth = clusters
    .filter(({ count }) => count >= settings.minClusterSize)
    .map(({ members }) => ({ members, cost: sum(members, 'costMicroUsd') }))
    .sort((one, other) => other.cost - one.cost || compare(textOf(one), textOf(other)))
    .slice(0, settings.mostProposals * looksPerProposal);
  const drafts: ProposalDraft[] = [];
  for (const { members } of worth) {
    if (drafts.length >= settings.mostProposals) break;
    await turnOfOthers();
    if (known.some((phrase) => phrase.fits(members[0]?.text ?? ''))) continue;
    const wording = wordingOf(members.map((one) => ({ words: wordsOf(one), count: one.count })));
    if (wording === undefined) continue;
    const draft = await draftOf({ promotion, settings }, { wording, all, look }, signal);
    if (draft === undefined) continue;
    drafts.push(draft);
    // What this one answers, the next one need not.
    known.push(phraseOf({ pattern: wording.pattern, reply: '-' }));
  }
  return { observed, drafts };
}

interface Found {
  readonly wording: Wording;
  readonly all: readonly Asked[];
  readonly look: HistoryLook;
}

async function draftOf(
  { promotion, settings }: Omit<PhraseLoop, 'cache'>,
  { wording, all, look }: Found,
  signal: AbortSignal,
): Promise<ProposalDraft | undefined> {
  const { pattern, core } = wording;
  const fitting = phraseOf({ pattern, reply: '-' });
  const matched = all
    .filter(({ text }) => core.every((word) => text.includes(word)) && fitting.fits(text))
    .sort((one, other) => other.count - one.count || compare(one.text, other.text));
  const size = sum(matched, 'count');
  if (size < settings.minClusterSize) return undefined;
  const heard = await heardOf(promotion.history, { look, runs: runsOf(matched) }, signal);
  const template = templateOf(heard.map(answeredBy), {
    likeness: settings.answerSimilarity,
    consistency: settings.answerConsistency,
  });
  if ('refusal' in template) return undefined;
  const { reply } = template;
  const phrase = phraseOf({ pattern, reply });
  const { said, agreed } = judged(phrase, heard, settings.answerSimilarity);
  // What a tool was asked for is as old as that call: with no field of its own it would be said for ever.
  const isFixed = !reply.includes('{snapshot.');
  if (phrase.stale !== undefined || said.length === 0 || agreed / said.length < settings.minPrecision)
    return undefined;
  if (isFixed && heard.some(({ tools }) => tools.length > 0)) return undefined;
  return written({ matched, size, pattern, reply, phrase, heard, look, said: said.length, agreed });
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
    identity: { question: commonWords(matched, size) },
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

/** Runs of every wording in turn, so that a rare one is heard beside a frequent one. */
function runsOf(matched: readonly Asked[]): readonly string[] {
  const runs: string[] = [];
  for (let turn = 0; runs.length < mostAnswers; turn += 1) {
    const next = matched.flatMap(({ runs: own }) => own.slice(turn, turn + 1));
    if (next.length === 0) break;
    runs.push(...next);
  }
  return runs.slice(0, mostAnswers);
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

function sum(matched: readonly Asked[], field: 'count' | 'costMicroUsd' | 'durationMs'): number {
  return matched.reduce((total, one) => total + one[field], 0);
}

function textOf({ members }: { readonly members: readonly Asked[] }): string {
  return members[0]?.text ?? '';
}
