import type { ChangeSet, PastQuestion } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnedPhrase, questionsOf, snapshotAt } from '../testing/month-of-questions.ts';
import type { Said } from '../testing/month-of-questions.ts';
import { lookAt, pastOf } from '../testing/past.ts';
import { promotePhrasebook } from './loop.ts';
import { phrasebookSettings } from './settings.ts';

const settings = phrasebookSettings.parse({});
const { signal } = new AbortController();
const wordings = [
  'how many orders came in today?',
  'How many orders came in today',
  'how many orders came in today please',
  'hi, how many orders came in today',
];
const others = [
  'is the shop slow',
  'write a note to anna about the invoice',
  'why did the deploy take so long',
];

/** A month in which every second question is how many orders came in, and the engine says what its snapshot says. */
function month(given: (at: number) => Partial<Said> = () => ({})): readonly PastQuestion[] {
  const said = Array.from({ length: 600 }, (_, at): Said => {
    const orders = 10 + ((at * 7) % 23);
    const value = 1_000 + at * 3.5;
    if (at % 2 === 1)
      return { text: `${others[at % 3]} ${at % 17}`, answer: `Well, that is a long story ${at}.` };
    return {
      text: wordings[(at / 2) % wordings.length] ?? '',
      answer: `${orders} orders came in today, worth $${value.toFixed(2)}.`,
      snapshot: snapshotAt((30 * at) / 600, {
        orders: { today: orders, worth_usd: value, open: (at * 3) % 5 },
        tickets: { open: (at * 11) % 29 },
      }),
      ...given(at),
    };
  });
  return questionsOf(said);
}

function loopOf(questions: readonly PastQuestion[]) {
  return promotePhrasebook(pastOf({ questions }), settings);
}

describe('promote_phrasebook', () => {
  it('proposes what is asked again and again, with every figure a field of the snapshot (daemon defect W61)', async () => {
    const loop = loopOf(month());
    const { observed, drafts } = await loop.observe(lookAt('shown'), signal);
    expect(observed).toBeGreaterThan(400);
    expect(drafts).toHaveLength(1);
    const [draft] = drafts;
    expect(draft?.change).toEqual({
      kind: 'phrasebook.entry',
      key: '[hi] how many orders came in today [please] $',
      value: {
        reply: '{snapshot.orders.today} orders came in today, worth ${snapshot.orders.worth_usd}.',
        category: 'learned',
        description: 'learned: how many orders came in today',
      },
    });
    // Ten a day at 2 000; what was shown of them is a fifth less, give or take the split.
    expect(draft?.expected.microUsdPerDay).toBeGreaterThan(18_000);
    expect(draft?.expected.microUsdPerDay).toBeLessThan(22_000);
    if (draft === undefined) return;
    const examined = await loop.examine(draft, lookAt('held_out'), signal);
    expect(examined.why).toContain('100 %');
    expect(examined.passed).toBe(true);
    expect(examined.figures.find(({ name }) => name === 'recall')?.after).toBe(1);
    const again = await loopOf(month()).observe(lookAt('shown'), signal);
    expect(again.drafts).toEqual(drafts);
  });

  it('proposes nothing whose figure is in no field, never changed, or stands still while the snapshot moves', async () => {
    const stale = await loopOf(month(() => ({ answer: 'Twelve came in: 12 orders today.' }))).observe(
      lookAt('shown'),
      signal,
    );
    expect(stale.drafts).toEqual([]);
    const nowhere = await loopOf(month((at) => ({ answer: `${at} orders came in today.` }))).observe(
      lookAt('shown'),
      signal,
    );
    expect(nowhere.drafts).toEqual([]);
  });

  it('proposes nothing from strangers, from answers that differ, or from what is answered at no cost', async () => {
    const strange = await loopOf(month(() => ({ untrusted: true }))).observe(lookAt('shown'), signal);
    const differing = await loopOf(
      month((at) => ({ answer: at % 4 === 0 ? 'The shop is up.' : 'The shop is down.' })),
    ).observe(lookAt('shown'), signal);
    const known = await loopOf(month(() => ({ by: 'phrasebook' }))).observe(lookAt('shown'), signal);
    expect([strange, differing, known].map(({ drafts }) => drafts)).toEqual([[], [], []]);
  });

  it('finds on the part it was not shown that a pattern answers what it should not', async () => {
    const { drafts } = await loopOf(month()).observe(lookAt('shown'), signal);
    const [draft] = drafts;
    if (draft === undefined) throw new Error('no draft');
    const turned = month((at) => (at % 20 === 0 ? { answer: 'The shop was closed today.' } : {}));
    const examined = await loopOf(turned).examine(draft, lookAt('held_out'), signal);
    expect(examined.passed).toBe(false);
    const few = await loopOf(month().slice(0, 60)).examine(draft, lookAt('held_out'), signal);
    expect(few).toMatchObject({ passed: false });
    expect(few.why).toContain('too few');
  });

  it('proposes nothing where nothing repeats', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.lorem({ maxCount: 9 }), answer: fc.lorem({ maxCount: 12 }) }), {
          maxLength: 120,
        }),
        async (said) => {
          const apart = said.map(({ text, answer }, at) => ({
            text: `${text} ${at}`,
            answer: `${answer} ${at}`,
          }));
          const { drafts } = await loopOf(questionsOf(apart)).observe(lookAt('shown'), signal);
          expect(drafts).toEqual([]);
        },
      ),
      { numRuns: 25 },
    ));
});

describe('the trial of an entry', () => {
  const pattern = '[hi] how many orders came in today [please] $';
  const change: ChangeSet = {
    kind: 'phrasebook.entry',
    key: pattern,
    value: { reply: '{snapshot.orders.today} orders came in today.', category: 'learned', description: 'x' },
  };
  const looks = { before: lookAt('all'), since: lookAt('all', { fromDay: 30, days: 5 }) };

  /** Five days after: one of five is left to the engine. */
  function since(engine: (at: number) => string, given: Partial<Said> = {}): readonly PastQuestion[] {
    const said = Array.from({ length: 100 }, (_, at): Said => {
      const would = `${at} orders came in today.`;
      return at % 5 === 0
        ? {
            text: wordings[1] ?? '',
            answer: engine(at),
            learned: [learnedPhrase(pattern, 'compared', would)],
          }
        : {
            text: wordings[1] ?? '',
            answer: would,
            by: 'phrasebook',
            costMicroUsd: 0,
            durationMs: 5,
            learned: [learnedPhrase(pattern, 'used', null)],
            ...given,
          };
    });
    return questionsOf(said, { fromDay: 30, days: 5 });
  }

  it('is better where the engine says the same, and tells what it saved', async () => {
    const questions = [...month(), ...since((at) => `${at} orders came in today.`)];
    const measured = await loopOf(questions).measure(change, looks, signal);
    expect(measured.verdict).toBe('better');
    expect(measured.gain.microUsdPerDay).toBe((80 / 5) * 2_000);
    expect(measured.figures.find(({ name }) => name === 'disagreement')).toMatchObject({
      after: 0,
      samples: 20,
    });
  });

  it('is worse after a few answers that differ, and unclear after none', async () => {
    const differing = since((at) => `${at + 1} orders came in today.`).slice(0, 20);
    const worse = await loopOf([...month(), ...differing]).measure(change, looks, signal);
    expect(worse.verdict).toBe('worse');
    const unclear = await loopOf(month()).measure(change, looks, signal);
    expect(unclear.verdict).toBe('unclear');
  });

  it('is worse where people ask again at once', async () => {
    const calm = since((at) => `${at} orders came in today.`);
    const asked = calm.flatMap((question, at) => [
      question,
      { ...question, runId: `again${at}`, at: new Date(Date.parse(question.at) + 30_000).toISOString() },
    ]);
    const measured = await loopOf([...month(), ...asked]).measure(change, looks, signal);
    expect(measured.verdict).toBe('worse');
    expect(measured.why).toContain('again');
  });
});
