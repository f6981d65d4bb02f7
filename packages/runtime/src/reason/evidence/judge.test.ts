import fc from 'fast-check';
import { expect, test } from 'vitest';
import { citedIn, judgeVerdict } from './judge.ts';

const id = fc.constantFrom('ticket:1', 'ticket:2', 'probe:a', 'probe:b', 'event:9');
const claims = fc.array(fc.record({ text: fc.string(), evidence: fc.array(id, { maxLength: 4 }) }), {
  maxLength: 6,
});
const confidence = fc.oneof(
  fc.double({ min: -2, max: 2 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1),
);
const read = fc.uniqueArray(id).map((ids) => new Set<string>(ids));

test('what is proven was read, all of it; the confidence is never more than that share', () => {
  fc.assert(
    fc.property(claims, confidence, read, fc.string(), (given, said, seen, text) => {
      const verdict = judgeVerdict({ text, claims: given, confidence: said }, seen);
      for (const claim of verdict.claims) {
        expect(claim.unread).toEqual(claim.evidence.filter((each) => !seen.has(each)));
        expect(claim.proven).toBe(claim.evidence.length > 0 && claim.unread.length === 0);
      }
      const share = verdict.claims.filter(({ proven }) => proven).length / verdict.claims.length;
      expect(verdict.confidence).toBeGreaterThanOrEqual(0);
      expect(verdict.confidence).toBeLessThanOrEqual(share);
      expect(verdict.confidence === Math.max(0, said) || !(said <= share)).toBe(true);
    }),
  );
});

test('nothing said is lost: every claim stands in the verdict, in its order', () => {
  fc.assert(
    fc.property(claims, read, (given, seen) => {
      const verdict = judgeVerdict({ text: 'all is well', claims: given, confidence: 1 }, seen);
      const texts = given.length === 0 ? ['all is well'] : given.map(({ text }) => text);
      expect(verdict.claims.map(({ text }) => text)).toEqual(texts);
      expect(new Set(verdict.claims.flatMap(({ evidence }) => evidence))).toEqual(new Set(citedIn(given)));
    }),
  );
});

test('to have read more proves no less', () => {
  fc.assert(
    fc.property(claims, read, id, (given, seen, more) => {
      const proven = (ids: ReadonlySet<string>): readonly boolean[] =>
        judgeVerdict({ text: '', claims: given, confidence: 1 }, ids).claims.map((claim) => claim.proven);
      const before = proven(seen);
      const after = proven(new Set([...seen, more]));
      expect(before.every((was, at) => !was || after[at] === true)).toBe(true);
    }),
  );
});

test('a verdict without a word on how sure it is has no confidence', () => {
  const claim = { text: 'well', evidence: ['a'] };
  expect(judgeVerdict({ text: 'well', claims: [claim] }, new Set(['a'])).confidence).toBe(0);
});
