import type { ConformanceCheck } from './contract.ts';
import type { LoopBenchOptions } from './loop-contract.ts';
import { draftsFit, findsSomething, isNamedBySomethingStable, judgesTheSame } from './loop-drafts.ts';
import { LoopSubject } from './loop-life.ts';
import { findsTheSame, honoursAbort, readsEveryPage, staysWithinItsPart } from './loop-reading.ts';

type Check = (subject: LoopSubject) => Promise<void>;

const checks: readonly (readonly [id: string, title: string, check: Check])[] = [
  ['loop-finds-something', 'it finds something in the past that it is given', findsSomething],
  ['loop-drafts-fit', 'what it drafts is plain JSON of the size that the runtime takes', draftsFit],
  ['loop-finds-the-same', 'the same past gives the same drafts, in the same order', findsTheSame],
  [
    'loop-reads-every-page',
    'what it drafts does not depend on how the past is cut into pages',
    readsEveryPage,
  ],
  [
    'loop-keeps-to-its-part',
    'what was held out has no say in what it drafts, also after it has judged by it',
    staysWithinItsPart,
  ],
  [
    'loop-identity-is-stable',
    'the same thing has the same identity in the next cycle, and two things have two',
    isNamedBySomethingStable,
  ],
  [
    'loop-judges-the-same',
    'it judges a draft the same way each time, and a change that is in force',
    judgesTheSame,
  ],
  ['loop-honours-abort', 'a cycle that is aborted ends soon, and reads no further', honoursAbort],
];

/**
 * The suite for one promotion loop over a past that a test made up, under any test framework. Each check makes houses of its
 * own and rejects with what is wrong. `test.each(loopBench({ plugin, loop, past, window }))('$title', ({ run }) => run());`
 */
export function loopBench(options: LoopBenchOptions): readonly ConformanceCheck[] {
  const subject = new LoopSubject(options);
  return checks.map(([id, title, check]) => ({ id, title, run: () => check(subject) }));
}
