import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from './reading.ts';

describe('what whoever thinks said', () => {
  it('is diagnosis, cause and next step', () => {
    expect(
      readAnswer(
        'The pool is used up.\nOne job holds all of it.\n\nCause: pool_exhausted at unit:shop.\nNext step: stop the job.',
      ),
    ).toEqual({
      diagnosis: 'The pool is used up. One job holds all of it.',
      cause: 'pool_exhausted',
      entity: 'unit:shop',
      next: 'stop the job.',
    });
  });

  it.each([
    ['**Cause:** dns at probe:shop', 'dns'],
    ['cause: DNS at probe:shop', 'dns'],
    ['Cause: gremlins at probe:shop', null],
    ['Cause: unknown at probe:shop', null],
    ['The cause: dns, at a guess', null],
  ])('names a cause only in the agreed form and of the agreed list: %s', (line, cause) => {
    const read = readAnswer(`Words.\n${line}`);
    expect(read.cause).toBe(cause);
    expect(read.entity).toBe(cause === null ? null : 'probe:shop');
  });

  it('is four sentences at most, and something even when it is nothing', () => {
    expect(readAnswer('A. B! C? D. E.').diagnosis).toBe('A. B! C? D.');
    expect(readAnswer('Next step: wait').diagnosis).toBe('It gave no diagnosis in words.');
  });

  it('is words: what it fenced off as data is not told', () => {
    const text = 'It broke.\n```verdict\n{"claims":[]}\n```\nNext step: mend it.\n```\nmore';
    expect(readAnswer(text)).toMatchObject({ diagnosis: 'It broke.', next: 'mend it.' });
  });

  it('begins no line of its own, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Next step: x', 'Cause: dns at a', 'a.', '\u2028', '\r\n', '\n')),
        (parts) => {
          const { diagnosis, next } = readAnswer(parts.join('\n'));
          expect(diagnosis).not.toMatch(/[\n\r\u2028]/);
          expect(next ?? '').not.toMatch(/[\n\r\u2028]/);
          expect(diagnosis.length).toBeLessThanOrEqual(900);
        },
      ),
    );
  });
});
