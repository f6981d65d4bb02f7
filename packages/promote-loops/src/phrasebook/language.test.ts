import { phraseOf } from '@kora/runtime/plugin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agree } from './agreement.ts';
import { isSameValue, literalsIn } from './literals.ts';
import { joinedPattern, wordingOf } from './wording.ts';

const likeness = { same: 0.92, rephrased: 0.7 };

describe('values in an answer', () => {
  it.each([
    ['3 of 14 orders, $1,234.50 in all', ['3', '14', '1,234.50']],
    ['at 2026-11-22 13:05:00 UTC, or 9:30', ['2026-11-22 13:05:00 UTC', '9:30']],
    ['12ms and 80% of v1.2.3 on web-04', ['12', '80', 'v1.2.3', '04']],
  ])('%s', (text, values) => {
    expect(literalsIn(text).map((one) => one.text)).toEqual(values);
  });

  it('are all that has a digit, whatever stands around it', () => {
    const pieces = fc.constantFrom(
      '7',
      '12',
      '.',
      ',',
      ':',
      '-',
      ' ',
      'a',
      'ms',
      'Z',
      '$',
      '%',
      'é',
      '_',
      'T',
      '/',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 24 }), (parts) => {
        const text = parts.join('');
        let rest = text;
        for (const { from, to } of literalsIn(text).toReversed()) rest = rest.slice(0, from) + rest.slice(to);
        expect(rest).not.toMatch(/\d/);
      }),
    );
  });

  it.each([
    ['1,234.5', '1234.50', true],
    ['12.3', '12.34', true],
    ['3', '4', false],
    ['13:05', '2026-11-22 13:05:00 UTC', true],
    ['2026-11-22', '2026-11-22 13:05:00 UTC', true],
    ['13:06', '2026-11-22 13:05:00 UTC', false],
    ['V1.2', 'v1.2', true],
  ])('%s and %s are one: %s', (one, other, isSame) => {
    expect(isSameValue(one, other)).toBe(isSame);
  });
});

describe('two answers', () => {
  it.each([
    ['There are 3 orders.', 'there are 3 orders', 'same'],
    ['There are 3 orders.', 'There are 4 orders.', undefined],
    ['The shop is up.', 'The shop is down.', undefined],
    ['3 open, 5 failed', '5 open, 3 failed', undefined],
    ['Femke is on call.', 'Bram is on call.', undefined],
    [
      'Please call Femke at the office, she has the pager until the end of the week.',
      'Please call Bram at the office, she has the pager until the end of the week.',
      undefined,
    ],
    [
      'Open the client, choose Harbour, and hold your badge to the reader.',
      'Start the client, pick Harbour and hold your badge to the reader.',
      'rephrased',
    ],
    [
      'Now and then, when nobody is there, it is Femke whom you should ask for the blue key of the shed by the water.',
      'Now and then, when nobody is there, it is Bram whom you should ask for the blue key of the shed by the water.',
      undefined,
    ],
    ['The crane runbook is at wiki.example/crane.', 'The gate runbook is at wiki.example/gate.', undefined],
  ])('%s | %s: %s', (one, other, how) => {
    expect(agree(one, other, { likeness })).toBe(how);
  });

  it('do not agree where one takes up another word of the question', () => {
    const about = (thing: string) =>
      `To use the ${thing}, ask the harbour master for the blue key and sign in his book.`;
    const question = 'how may I use the crane';
    expect(agree(about('crane'), about('gate'), { likeness })).toBe('same');
    expect(agree(about('crane'), about('gate'), { likeness, question })).toBe(undefined);
    expect(agree(about('crane'), about('crane'), { likeness, question })).toBe('same');
  });
});

describe('the pattern of questions', () => {
  const words = fc.constantFrom('what', 'is', 'the', 'queue', 'now', 'please', 'how', 'long', 'orders');
  const question = fc.array(words, { minLength: 2, maxLength: 7 }).map((list) => list.join(' '));

  it('fits each question that it was made of, alone and joined to others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(question, { minLength: 1, maxLength: 6 }), (questions) => {
        const made = questions.flatMap((text) => wordingOf([{ words: text.split(' '), count: 3 }]) ?? []);
        const joined = phraseOf({ pattern: joinedPattern(made.map(({ pattern }) => pattern)), reply: '-' });
        for (const text of questions) expect(joined.fits(text)).toBe(true);
        const together = wordingOf(questions.map((text) => ({ words: text.split(' '), count: 3 })));
        const [first = ''] = questions;
        const fits = together === undefined || phraseOf({ ...together, reply: '-' }).fits(first);
        expect(fits).toBe(true);
      }),
    );
  });

  it('writes courtesies once, leaves out slips, and does not go on', () => {
    const of = (...texts: string[]) =>
      wordingOf(
        texts.map((text, at) => ({ words: text.split(' '), count: at === texts.length - 1 ? 1 : 12 })),
      )?.pattern ?? '';
    const depth = of(
      'how deep is the queue',
      'hey how deep is the queue',
      'how deep is the queue please',
      'how deep is the queu',
    );
    const length = of('how long is the line', 'kora how long is the line', 'how long is teh line');
    const joined = joinedPattern([depth, length]);
    expect(joined).toBe('[hey|kora] (how deep is the queue|how long is the line) [please] $');
    expect(phraseOf({ pattern: joined, reply: '-' }).fits('how deep is the queue of the gate')).toBe(false);
  });
});
