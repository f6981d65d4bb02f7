import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from './entry.ts';
import { TemplateMiner } from './templates.ts';

function mined(texts: readonly string[]): TemplateMiner {
  const miner = new TemplateMiner();
  for (const [index, text] of texts.entries()) {
    const entry: Entry = { line: index + 1, at: index, level: 'info', text, tight: null };
    miner.add(entry);
  }
  return miner;
}

describe('templates', () => {
  it('hold what differs in values only', () => {
    const { templates } = mined([
      'order 17 of anna paid with card in 12 ms',
      'order 18 of berta paid with card in 9 ms',
      'cache is cold',
    ]);
    expect(templates.map(({ tokens, count }) => [tokens.join(' '), count])).toEqual([
      ['order <*> of <*> paid with card in <*> ms', 2],
      ['cache is cold', 1],
    ]);
  });

  it('keep apart what differs in the word that counts', () => {
    expect(mined(['worker failed: disk full', 'worker failed: pool empty']).templates).toHaveLength(2);
  });

  it('count every entry once, whatever comes, and stay bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 300 }), (texts) => {
        const { templates } = mined(texts);
        const total = templates.reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(texts.length);
      }),
      { numRuns: 50 },
    );
    const hostile = Array.from({ length: 7_000 }, (_, index) => {
      const word = String(index).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
      return `${word} ${word} x y z ${word}`;
    });
    expect(mined(hostile).templates.length).toBeLessThanOrEqual(5_001);
  });
});
