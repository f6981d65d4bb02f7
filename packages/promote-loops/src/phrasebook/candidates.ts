import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { phraseOf } from '@kora/runtime/plugin';
import type { HistoryLook, PastQuestion, Phrase, PromotionContext } from '@kora/runtime/plugin';
import { compare } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { SignatureCache } from '../cluster/signature.ts';
import { agree } from './agreement.ts';
import { wordsOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { answeredBy, heardOf, judged } from './heard.ts';
import { likenessOf } from './settings.ts';
import type { PhrasebookSettings } from './settings.ts';
import { templateOf } from './template.ts';
import { joinedPattern, speakable, wordingOf } from './wording.ts';
import type { Worded } from './wording.ts';

export interface PhraseLoop {
  readonly promotion: PromotionContext;
  readonly settings: PhrasebookSettings;
  readonly cache: SignatureCache;
}

/** An entry that could be: all the ways of asking for one thing, and what is said to it. */
export interface Candidate {
  readonly pattern: string;
  readonly reply: string;
}

interface Looked {
  readonly clusters: readonly Cluster<Asked>[];
  /** What is answered already. */
  readonly known: readonly Phrase[];
  readonly look: HistoryLook;
}

interface Answering extends Candidate {
  readonly cost: number;
}

/** Clusters that are looked at for each proposal there may be: one question is many clusters, and most have no reply. */
const looksPerProposal = 12;
/** Answers that a reply is made from. */
const mostAnswers = 200;

/** Clusters whose answers make one reply, each with its pattern; those with the same reply are one. The costliest first. */
export async function candidatesOf(
  { promotion, settings }: PhraseLoop,
  { clusters, known, look }: Looked,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const worth = clusters
    .filter(({ count }) => count >= settings.minClusterSize)
    .map(({ members }) => ({ members, text: members[0]?.text ?? '', cost: sum(members, 'costMicroUsd') }))
    .filter(({ text }) => !known.some((phrase) => phrase.fits(text)))
    .sort((one, other) => other.cost - one.cost || compare(one.text, other.text))
    .slice(0, settings.mostProposals * looksPerProposal);
  const answering: Answering[] = [];
  for (const { members, cost } of worth) {
    await turnOfOthers();
    const heard = await heardOf(promotion.history, { look, runs: runsOf(members) }, signal);
    const template = templateOf(heard.map(answeredBy), {
      likeness: likenessOf(settings),
      consistency: settings.answerConsistency,
      isStale: (reply) => phraseOf({ pattern: 'x', reply }).stale !== undefined,
    });
    if ('refusal' in template) continue;
    const { reply } = template;
    const wording = wordingOf(answeredAlike(members, { reply, heard, settings }));
    if (wording !== undefined) answering.push({ pattern: wording.pattern, reply, cost });
  }
  return joined(answering, settings);
}

interface Heard {
  readonly reply: string;
  readonly heard: readonly PastQuestion[];
  readonly settings: PhrasebookSettings;
}

/** The questions whose every answer was that reply, and one of them in its very words: `where is the lock` is not asked by who asks `where is the gate`. */
function answeredAlike(members: readonly Asked[], { reply, heard, settings }: Heard): readonly Worded[] {
  const byRun = new Map(heard.map((question) => [question.runId, question]));
  return members
    .filter(({ text }) => speakable(text))
    .filter(({ text, runs }) => {
      const own = runs.flatMap((run) => byRun.get(run) ?? []);
      const { said, agreed, inSameWords } = judged(
        phraseOf({ pattern: `${text} $`, reply }),
        own,
        likenessOf(settings),
      );
      return inSameWords > 0 && agreed === said.length;
    })
    .map((one) => ({ words: wordsOf(one), count: one.count }));
}

/** What is answered alike is one question, in however many words it is asked. */
function joined(answering: readonly Answering[], settings: PhrasebookSettings): readonly Candidate[] {
  const groups: Answering[][] = [];
  for (const one of answering) {
    const group = groups.find(
      ([first]) => first !== undefined && isSameReply(first.reply, one.reply, settings),
    );
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups
    .map((group) => ({
      pattern: joinedPattern(group.map(({ pattern }) => pattern)),
      reply: group[0]?.reply ?? '',
      cost: group.reduce((total, { cost }) => total + cost, 0),
    }))
    .sort((one, other) => other.cost - one.cost || compare(one.pattern, other.pattern))
    .map(({ pattern, reply }) => ({ pattern, reply }));
}

function isSameReply(one: string, other: string, settings: PhrasebookSettings): boolean {
  return (
    fieldsIn(one).join() === fieldsIn(other).join() &&
    agree(one, other, { likeness: likenessOf(settings) }) !== undefined
  );
}

/** The fields that a reply says, each once, in the order of letters. */
export function fieldsIn(reply: string): readonly string[] {
  return [...new Set([...reply.matchAll(/\{(snapshot\.[^{}]+)\}/g)].map(([, path = '']) => path))].sort();
}

/** Runs of every wording in turn, so that a rare one is heard beside a frequent one. */
export function runsOf(asked: readonly Asked[]): readonly string[] {
  const runs: string[] = [];
  for (let turn = 0; runs.length < mostAnswers; turn += 1) {
    const next = asked.flatMap(({ runs: own }) => own.slice(turn, turn + 1));
    if (next.length === 0) break;
    runs.push(...next);
  }
  return runs.slice(0, mostAnswers);
}

export function sum(asked: readonly Asked[], field: 'count' | 'costMicroUsd' | 'durationMs'): number {
  return asked.reduce((total, one) => total + one[field], 0);
}
