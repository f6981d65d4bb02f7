import { describe, expect, it } from 'vitest';
import { stepsOf, valueAt } from './json-path.ts';

const document = { status: 'up', checks: [{ db: { ok: true } }], 'a b': 1, none: null };

describe('a path into a JSON document', () => {
  it.each([
    ['status', 'up'],
    ['$.status', 'up'],
    ['checks[0].db.ok', true],
    ['$["a b"]', 1],
    ['none', null],
    ['checks[1]', undefined],
    ['status.length', undefined],
    ['constructor', undefined],
    ['none.x', undefined],
  ])('%s leads to %j', (path, value) => {
    expect(valueAt(document, path)).toBe(value);
  });

  it('of nothing is the document', () => {
    expect(valueAt(7, '$')).toBe(7);
  });

  it.each(['a[', 'a]', 'a..b', 'a[x]'])('is not %s', (path) => {
    expect(stepsOf(path)).toBeUndefined();
  });
});
