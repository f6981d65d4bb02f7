import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readVerdict } from './verdict.ts';

const verdict = {
  answer: 'It is {full}.',
  claims: [{ text: 'a "quoted" \\ claim', evidence: ['ticket:1'] }],
  confidence: 0.5,
};

it('a verdict is read whatever stands around it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const clean = before.replaceAll(/[{}"]/g, '');
      expect(readVerdict(`${clean}${JSON.stringify(verdict)}${after}`)).toEqual(verdict);
    }),
  );
});

it.each([
  ['nothing', ''],
  ['no JSON', 'It is full.'],
  ['half an object', '{"answer": "It is'],
  ['another object', '{"answer": "It is full."}'],
  ['a confidence beyond certainty', JSON.stringify({ ...verdict, confidence: 1.5 })],
  ['nothing but braces', '{'.repeat(100_000)],
  ['many empty objects', '{}'.repeat(100_000)],
])('%s is no verdict', (_, text) => {
  expect(readVerdict(text)).toBeNull();
});
