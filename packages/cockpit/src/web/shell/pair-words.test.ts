import { expect, it } from 'vitest';
import { refusedWords } from './pair-words.ts';

const fault = { status: 401, code: 'KORA_PAIRING_REFUSED', message: 'No.', hint: null };

it('says of a refused code what happened to it, each in its own words', () => {
  const reasons = ['expired', 'used', 'restarted', 'wrong', 'too_many', null];
  const titles = reasons.map((reason) => refusedWords({ fault, reason, retryAfterMs: null }).title);
  expect(new Set(titles).size).toBe(reasons.length);
  expect(refusedWords({ fault, reason: 'too_many', retryAfterMs: 8_000 }).text).toContain('in 8 s');
  expect(refusedWords({ fault: { ...fault, status: 0 }, reason: null, retryAfterMs: null }).title).toBe(
    'No answer',
  );
});
