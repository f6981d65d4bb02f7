import { isDeepStrictEqual } from 'node:util';
import { fingerprintOf, isHeldOut, proposalDraft } from '@kora/runtime/testkit';
import type { ChangeSet, ProposalDraft } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { TestPast } from '../contract.ts';
import { failure } from './failure.ts';
import type { LivingLoop, LoopSubject } from './loop-life.ts';

const dayMs = 86_400_000;

export async function findsSomething(subject: LoopSubject): Promise<void> {
  const { drafts, observed } = await subject.observed();
  if (drafts.length > 0) return;
  throw failure(
    `it read ${observed} rows of the given past and drafted nothing`,
    'give a past in which what it looks for repeats',
  );
}

export async function draftsFit(subject: LoopSubject): Promise<void> {
  await subject.live(async (loop) => {
    const { drafts } = await loop.observe();
    for (const draft of drafts) {
      refuseMisfit(draft, loop);
      refuseForeignSamples(draft, subject.options.past);
    }
  });
}

function refuseMisfit(draft: ProposalDraft, { spec }: LivingLoop): void {
  const read = proposalDraft.safeParse(draft);
  const title = JSON.stringify(draft.title);
  if (!read.success) throw failure(`its draft ${title} is not taken: ${z.prettifyError(read.error)}`);
  if (!isDeepStrictEqual(draft, JSON.parse(JSON.stringify(draft))))
    throw failure(
      `its draft ${title} is not what it is once it was written as JSON`,
      'leave out dates, classes, undefined and what is no number',
    );
  if (!spec.kinds.includes(draft.change.kind))
    throw failure(`its draft ${title} changes ${draft.change.kind}, which is not among its kinds`);
}

/** What it shows as evidence must be of the part that it was shown. */
function refuseForeignSamples({ title, evidence }: ProposalDraft, past: TestPast): void {
  const runs = [...(past.questions ?? []), ...(past.toolCalls ?? [])].map(({ runId }) => runId);
  const incidents = (past.incidents ?? []).map(({ incidentId }) => String(incidentId));
  const heldOut = new Set([
    ...runs.filter(isHeldOut).map((id) => `run ${id}`),
    ...incidents.filter(isHeldOut).map((id) => `incident ${id}`),
  ]);
  const foreign = evidence.samples.find(({ ref }) => heldOut.has(ref));
  if (foreign !== undefined)
    throw failure(`its draft ${JSON.stringify(title)} shows ${foreign.ref}, which was held out`);
}

/** A day later the same thing is the same proposal; two proposals of one cycle are never one. */
export async function isNamedBySomethingStable(subject: LoopSubject): Promise<void> {
  await subject.live(async (loop) => {
    const { since, until } = subject.options.window;
    const { drafts } = await loop.observe();
    const names = drafts.map((draft) => fingerprintOf(loop.spec.name, draft.identity));
    const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
    if (twice !== -1)
      throw failure(`two of its drafts have one identity: ${JSON.stringify(drafts[twice]?.identity)}`);
    const before = { since, until: new Date(Date.parse(until) - dayMs).toISOString() };
    const others = (await loop.observe(undefined, before)).drafts;
    for (const [index, draft] of drafts.entries()) {
      const other = others.find(({ change }) => isSamePlace(change, draft.change));
      if (other === undefined || fingerprintOf(loop.spec.name, other.identity) === names[index]) continue;
      throw failure(
        `the identity of its draft for ${draft.change.kind} ${draft.change.key} was another a day before`,
        'name in identity what repeats, and no counts, dates or figures',
      );
    }
  });
}

function isSamePlace(a: ChangeSet, b: ChangeSet): boolean {
  return a.kind === b.kind && a.key === b.key && isDeepStrictEqual(a.value, b.value);
}

export async function judgesTheSame(subject: LoopSubject): Promise<void> {
  await subject.live(async (loop) => {
    const { drafts } = await loop.observe();
    const [draft] = drafts;
    if (draft === undefined) return;
    const judged = [await loop.examine(draft), await loop.examine(draft)];
    if (!isDeepStrictEqual(judged[0], judged[1]))
      throw failure('it judged one draft in two ways on the same past');
    const measured = [await loop.measure(draft.change), await loop.measure(draft.change)];
    if (!isDeepStrictEqual(measured[0], measured[1]))
      throw failure('it measured one change in two ways on the same past');
  });
}
