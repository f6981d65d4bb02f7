import { isDeepStrictEqual } from 'node:util';
import { isHeldOut } from '@kora/runtime/testkit';
import type { Observed } from '@kora/runtime/plugin';
import type { TestPast } from '../contract.ts';
import { settles } from '../house/patience.ts';
import { failure } from './failure.ts';
import type { LoopSubject } from './loop-life.ts';

/** Pages of which a loop that is given up may still take one: it was under way. */
const pagesUnderWay = 1;

export async function findsTheSame(subject: LoopSubject): Promise<void> {
  const [first, again] = [await subject.observed(), await subject.observed()];
  refuseOther(first, again, 'in a second house over the same past');
  await subject.live(async (loop) => {
    await loop.observe();
    refuseOther(first, await loop.observe(), 'in its second cycle over the same past');
  });
}

export async function readsEveryPage(subject: LoopSubject): Promise<void> {
  const whole = await subject.observed();
  for (const most of [1, 7])
    refuseOther(
      whole,
      await subject.observed(undefined, ({ paging }) => void (paging.most = most)),
      `in pages of ${most}`,
    );
  const gappy = await subject.observed(undefined, ({ paging }) => {
    Object.assign(paging, { most: 3, hasEmptyPages: true });
  });
  refuseOther(whole, gappy, 'where pages without rows came between: only `next` says whether there are more');
}

export async function staysWithinItsPart(subject: LoopSubject): Promise<void> {
  const { past } = subject.options;
  const whole = await subject.observed();
  refuseOther(whole, await subject.observed(withoutHeldOut(past)), 'where nothing was held out');
  await subject.live(async (loop) => {
    const { drafts } = await loop.observe();
    for (const draft of drafts) await loop.examine(draft);
    refuseOther(whole, await loop.observe(), 'after it had judged its drafts by what was held out');
  });
}

export async function honoursAbort(subject: LoopSubject): Promise<void> {
  for (const pagesBefore of [0, 2])
    await subject.live(async ({ observe, paging, runtime }) => {
      const given = new AbortController();
      let read = 0;
      if (pagesBefore === 0) given.abort();
      paging.most = 1;
      paging.onPage = () => {
        read += 1;
        if (read === pagesBefore) given.abort();
      };
      const work = observe(given.signal);
      work.catch(() => undefined); // how it ends is not the question
      if (!(await settles(runtime.house, work, { fakeMs: 0, realMs: subject.patienceMs })))
        throw failure(
          `it goes on ${subject.patienceMs} ms after its signal aborted`,
          'hand the signal to `every`, or ask it between two pages',
        );
      if (read > pagesBefore + pagesUnderWay)
        throw failure(`it read ${read - pagesBefore} more pages after its signal had aborted`);
    });
}

/** Throws where two cycles drafted other things, with the first that differs. */
function refuseOther(first: Observed, second: Observed, where: string): void {
  const drafts = [...first.drafts.keys(), ...second.drafts.keys()];
  const at = drafts.find((index) => !isDeepStrictEqual(first.drafts[index], second.drafts[index]));
  if (at === undefined) return;
  const named = (seen: Observed): string => JSON.stringify(seen.drafts[at]?.title ?? null);
  const both =
    named(first) === named(second)
      ? `${named(first)}, and it is another`
      : `${named(second)} instead of ${named(first)}`;
  throw failure(`${where} its draft ${at + 1} is ${both}`);
}

function withoutHeldOut(past: TestPast): TestPast {
  const ofRun = ({ runId }: { readonly runId: string }): boolean => !isHeldOut(runId);
  return {
    ...past,
    questions: (past.questions ?? []).filter(ofRun),
    toolCalls: (past.toolCalls ?? []).filter(ofRun),
    incidents: (past.incidents ?? []).filter(({ incidentId }) => !isHeldOut(String(incidentId))),
    attempts: (past.attempts ?? []).filter(
      ({ incidentId, attemptId }) => !isHeldOut(String(incidentId ?? attemptId)),
    ),
  };
}
