import { beforeAll, describe, expect, it } from 'vitest';
import type { SpendFacts } from '../chaos/spend/facts.ts';
import { judgeSpend } from '../chaos/spend/judge.ts';
import type { Fate } from '../chaos/spend/points.ts';
import { killSpenders } from '../chaos/spend/run.ts';

// The short form of `pnpm chaos spend`: the steps at which money and the world can come apart.
const fates: readonly Fate[] = [
  { point: 'reserve', when: 'after' },
  { point: 'asked', when: 'after' },
  { point: 'midstream', when: 'after' },
  { point: 'settle', when: 'before' },
  { point: 'settle', when: 'after' },
];

describe('kill -9 at each point between the reservation of a call and its settlement', () => {
  let facts: SpendFacts;

  beforeAll(async () => {
    ({ facts } = await killSpenders({ fates }));
  }, 300_000);

  it('leaves nothing of the bill unknown, no call paid for twice, no question answered twice, no run open', () => {
    expect(facts.looks).toHaveLength(2 * fates.length + 1);
    expect(facts.answered.length).toBeGreaterThan(fates.length);
    expect(judgeSpend(facts)).toEqual([]);
  });

  it('and at the end of the pool, beside what the dead have reserved, asks as many as fit', () => {
    const { asked, refused, fits } = facts.edge;
    expect(asked).toBe(2);
    expect(asked + refused).toBe(8);
    const last = facts.looks.at(-1);
    expect(Number(last?.spent) + Number(last?.reserved)).toBeLessThanOrEqual(fits);
  });

  // A judge that lets everything pass proves nothing: each law is shown a run that broke it.
  const planted: { what: string; plant: (facts: SpendFacts) => Partial<SpendFacts>; says: RegExp }[] = [
    {
      what: 'the provider was asked more than the journal knows of',
      plant: ({ looks }) => ({ looks: looks.map((look) => ({ ...look, asked: look.asked + 100 })) }),
      says: /the bill is/,
    },
    {
      what: 'what a dead runtime had reserved was given back',
      plant: ({ entries }) => ({
        entries: entries.map((entry) =>
          entry.kind === 'settle' ? { ...entry, kind: 'release', spent: 0, reason: 'planted' } : entry,
        ),
      }),
      says: /was given back: planted/,
    },
    {
      what: 'a reservation went past the pool',
      plant: ({ edge }) => ({ edge: { ...edge, fits: edge.fits / 2 } }),
      says: /spent and \d+ reserved of/,
    },
    {
      what: 'a call was settled twice',
      plant: ({ entries }) => ({ entries: [...entries, ...entries.filter(({ kind }) => kind === 'settle')] }),
      says: /2 settled/,
    },
    {
      what: 'a call was made for a question for which nothing was set aside',
      plant: ({ asked }) => ({ asked: new Map([...asked, ['question-1', 99]]) }),
      says: /question-1 was asked 99 times, and there is money/,
    },
    {
      what: 'a question was answered twice',
      plant: ({ runs }) => ({ runs: [...runs, ...runs] }),
      says: /has 2 answers on record/,
    },
    {
      what: 'a run was left open',
      plant: ({ runs }) => ({ runs: runs.map((run) => ({ ...run, status: 'open' })) }),
      says: /was left open/,
    },
    {
      what: 'the balance is not what the journal adds up to',
      plant: ({ looks }) => ({ looks: looks.map((look) => ({ ...look, reserved: look.reserved - 1 })) }),
      says: /the balance says \d+ reserved/,
    },
    {
      what: 'the end of the pool was never met',
      plant: ({ edge }) => ({ edge: { ...edge, refused: 0 } }),
      says: /the pool was never met/,
    },
  ];

  it.each(planted)('the judge sees it when $what', ({ plant, says }) => {
    expect(judgeSpend({ ...facts, ...plant(facts) })).toEqual(
      expect.arrayContaining([expect.stringMatching(says)]),
    );
  });
});
