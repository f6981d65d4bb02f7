import { describe, expect, it, test } from 'vitest';
import { loopBench } from './loop-bench.ts';
import { questions, tideLoop, window } from './testing/loops.ts';
import type { Flaw } from './testing/loops.ts';

const over = (flaw?: Flaw) =>
  loopBench({ plugin: tideLoop(flaw), loop: 'promote_tide', past: { questions }, window, patienceMs: 500 });

describe('a loop of an outsider', () => {
  test.each(over())('$title', ({ run }) => expect(run()).resolves.toBeUndefined());
});

it.each([
  ['one-page', 'loop-reads-every-page', 'in pages of 1'],
  ['remembers', 'loop-keeps-to-its-part', 'judged its drafts by what was held out'],
  ['heldOut', 'loop-drafts-fit', 'which was held out'],
  ['date', 'loop-drafts-fit', 'written as JSON'],
  ['counts', 'loop-identity-is-stable', 'another a day before'],
  ['twins', 'loop-identity-is-stable', 'two of its drafts have one identity'],
  ['deaf', 'loop-honours-abort', 'more pages after its signal had aborted'],
] satisfies readonly (readonly [Flaw, string, string])[])('finds the flaw %s', async (flaw, id, said) => {
  const check = over(flaw).find((each) => each.id === id);
  await expect(check?.run()).rejects.toThrow(said);
});

it('a past in which nothing is found proves nothing, and says so', async () => {
  const [first] = loopBench({ plugin: tideLoop(), loop: 'promote_tide', past: {}, window });
  await expect(first?.run()).rejects.toThrow('read 0 rows of the given past and drafted nothing');
});
