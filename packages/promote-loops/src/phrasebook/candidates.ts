import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { phraseOf } from '@kora/runtime/plugin';
import type { HistoryLook, PastQuestion, Phrase, PromotionContext } from '@kora/runtime/plugin';
import { compare } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { SignatureCache } from '../cluster/signature.ts';
import { agree, soundsLike } from './agreement.ts';
import type { Likeness } from './agreement.ts';
import { wordsOf } from './asked.ts';
import type { Asked } from './asked.ts';
import { answeredBy, answersOf, heardOf, judged } from './heard.ts';
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
  readonly question: string;
  readonly cost: number;
}

/** Clusters that are looked at for each proposal there may be: one question is many clusters, and most have no reply. */
const looksPerProposal = 8;
/** Answers that a reply is made from. */
const mostAnswers = 96;
/** Answers by which a cluster is parted: one of each wording, for the most. */
const mostParted = 200;

/** Clusters whose answers make one reply, each with its pattern; those with the same reply are one. The costliest first. */
export async function candidatesOf(
  { promotion, settings }: PhraseLoop,
  { clusters, known, look }: Looked,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const likeness = likenessOf(settings);
  const clustered = costliest(
    clusters
      .map(({ members }) => members)
      .filter(([first]) => !known.some((phrase) => phrase.fits(first?.text ?? ''))),
    settings,
  );
  const parts: (readonly Asked[])[] = [];
  for (const members of clustered) {
    await turnOfOthers();
    parts.push(
      ...partsOf(
        members,
        await answersOf(promotion.history, { look, runs: runsOf(members, mostParted) }, signal),
        likeness,
      ),
    );
  }
  const answering: Answering[] = [];
  for (const members of costliest(parts, settings)) {
    await turnOfOthers();
    const candidate = await candidateOf(promotion, { members, look, settings }, signal);
    const question = members[0]?.text ?? '';
    if (candidate !== undefined)
      answering.push({ ...candidate, question, cost: sum(members, 'costMicroUsd') });
  }
  return joined(answering, settings);
}

interface Part {
  readonly members: readonly Asked[];
  readonly look: HistoryLook;
  readonly settings: PhrasebookSettings;
}

async function candidateOf(
  promotion: PromotionContext,
  { members, look, settings }: Part,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const heard = await heardOf(promotion.history, { look, runs: runsOf(members) }, signal);
  const template = templateOf(heard.map(answeredBy), {
    likeness: likenessOf(settings),
    consistency: settings.answerConsistency,
    isStale: (reply) => phraseOf({ pattern: 'x', reply }).stale !== undefined,
  });
  if ('refusal' in template) return undefined;
  const { reply } = template;
  const wording = wordingOf(answeredAlike(members, { reply, heard, settings }));
  return wording === undefined ? undefined : { pattern: wording.pattern, reply };
}

/** Questions that sound alike, parted by what was last answered: the crane's from the gate's. */
function partsOf(
  members: readonly Asked[],
  heard: readonly PastQuestion[],
  likeness: Likeness,
): readonly (readonly Asked[])[] {
  const answers = new Map(heard.map(({ runId, answer }) => [runId, answer]));
  const parts: { readonly question: string; readonly answer: string; readonly members: Asked[] }[] = [];
  for (const member of members) {
    const [answer] = member.runs.flatMap((run) => answers.get(run) ?? []);
    if (answer === undefined) continue;
    const part = parts.find((one) =>
      soundsLike(answer, one.answer, { likeness, question: `${one.question} ${member.text}` }),
    );
    if (part === undefined) parts.push({ question: member.text, answer, members: [member] });
    else part.members.push(member);
  }
  return parts.map((part) => part.members);
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
    const group = groups.find(([first]) => first !== undefined && isSameReply(first, one, settings));
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

function isSameReply(one: Answering, other: Answering, settings: PhrasebookSettings): boolean {
  const question = `${one.question} ${other.question}`;
  return (
    fieldsIn(one.reply).join() === fieldsIn(other.reply).join() &&
    agree(one.reply, other.reply, { likeness: likenessOf(settings), question }) !== undefined
  );
}

/** Those that were asked often enough, and cost most. */
function costliest(
  groups: readonly (readonly Asked[])[],
  settings: PhrasebookSettings,
): readonly (readonly Asked[])[] {
  return groups
    .filter((members) => sum(members, 'count') >= settings.minClusterSize)
    .map((members) => ({ members, text: members[0]?.text ?? '', cost: sum(members, 'costMicroUsd') }))
    .sort((one, other) => other.cost - one.cost || compare(one.text, other.text))
    .slice(0, settings.mostProposals * looksPerProposal)
    .map(({ members }) => members);
}

/** The fields that a reply says, each once, in the order of letters. */
export function fieldsIn(reply: string): readonly string[] {
  return [...new Set([...reply.matchAll(/\{(snapshot\.[^{}]+)\}/g)].map(([, path = '']) => path))].sort();
}

/** Runs of every wording in turn, so that a rare one is heard beside a frequent one. */
export function runsOf(asked: readonly Asked[], most = mostAnswers): readonly string[] {
  const runs: string[] = [];
  for (let turn = 0; runs.length < most; turn += 1) {
    const next = asked.flatMap(({ runs: own }) => own.slice(turn, turn + 1));
    if (next.length === 0) break;
    runs.push(...next);
  }
  return runs.slice(0, most);
}

export function sum(asked: readonly Asked[], field: 'count' | 'costMicroUsd' | 'durationMs'): number {
  return asked.reduce((total, one) => total + one[field], 0);
}
