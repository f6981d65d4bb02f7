import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.ts';
import { routerSchema } from './config.ts';
import { saysOneOf, wordsOf } from './phrases.ts';

describe('a phrase', () => {
  it('is found as whole words, whatever stands between them', () => {
    expect(saysOneOf('Is it SAFE?', ['is it safe'])).toBe(true);
    expect(saysOneOf('is it\n\t-- safe --', ['is it safe'])).toBe(true);
    expect(saysOneOf('I’m not sure.', ["i'm not sure"])).toBe(true);
    expect(saysOneOf('is it safely', ['is it safe'])).toBe(false);
    expect(saysOneOf('undecided', ['decide'])).toBe(false);
    expect(saysOneOf('', ['decide'])).toBe(false);
    expect(saysOneOf('anything', ['--', ''])).toBe(false);
  });

  it.each(['(a+)+$', '.*', 'deci.e', '[a-z]+', 'a,b'])(
    '%j is literal and never a pattern (daemon defect W53)',
    (phrase) => {
      const hostile = `${'a'.repeat(5_000)}!`;
      expect(saysOneOf(`x ${phrase} y`, [phrase])).toBe(wordsOf(phrase) !== '');
      expect(saysOneOf(hostile, [phrase])).toBe(false);
      expect(saysOneOf('decide', [phrase])).toBe(false);
    },
  );

  it('is what its words are, for every text', () => {
    const word = fc.constantFrom('is', 'it', 'safe', 'now', 'a+');
    fc.assert(
      fc.property(fc.array(word), fc.array(word, { minLength: 1, maxLength: 3 }), (text, phrase) => {
        const plain = (words: readonly string[]) => words.map((each) => each.replace('+', ''));
        const [said, wanted] = [plain(text), plain(phrase)];
        const stands = said.some((_, at) => wanted.every((each, n) => said[at + n] === each));
        expect(saysOneOf(text.join(' '), [phrase.join(', ')])).toBe(stands);
      }),
    );
  });
});

describe('agreement', () => {
  it('is a share that does not depend on the order', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const share = agreementOf(a, b);
        expect(share).toBe(agreementOf(b, a));
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        expect(agreementOf(a, a)).toBe(1);
      }),
    );
    expect(agreementOf('the disk is full', 'nothing')).toBe(0);
  });
});

describe('the configuration', () => {
  it('has a default for every key, and a comma in a phrase is a comma (daemon defect W53)', () => {
    const { decisionPhrases, prefixes } = routerSchema.parse({ decisionPhrases: ['stop, or go on'] });
    expect(decisionPhrases).toEqual(['stop, or go on']);
    expect(saysOneOf('Do we stop or go on?', decisionPhrases)).toBe(true);
    expect(prefixes).toEqual({ '/small': 'small', '/standard': 'standard', '/large': 'large' });
  });

  it.each([
    [{ standardFrom: 7, largeFrom: 3 }, /largeFrom/],
    [{ prefixes: { '/model': 'large' } }, /prefixes/],
    [{ prefixes: { '/BIG': 'large' } }, /small letters/],
    [{ prefixes: { 'two words': 'large' } }, /without spaces/],
    [{ decisionPhrases: ['--'] }, /letter/],
    [{ patterns: ['x'] }, /patterns/],
  ])('%j is refused', (block, why) => {
    const read = routerSchema.safeParse(block);
    expect(read.error?.message).toMatch(why);
  });
});
