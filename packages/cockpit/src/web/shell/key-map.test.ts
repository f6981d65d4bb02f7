import { describe, expect, it } from 'vitest';
import { keyProblem, mapOf } from './key-map.ts';
import { usualKeys } from './keys.ts';

describe('keys of one’s own', () => {
  it('are kept where they fit, and the usual ones elsewhere', () => {
    expect(mapOf('{"next":"n","help":"h"}')).toEqual({ ...usualKeys, next: 'n', help: 'h' });
    for (const text of [null, '', 'null', '[]', '{"next":7}', '{"next":"xx"}', '{"nobody":"q"}'])
      expect(mapOf(text)).toEqual(usualKeys);
  });

  it('never stand twice, and leave g to the pages', () => {
    expect(mapOf('{"next":"k"}')).toEqual(usualKeys);
    expect(keyProblem(usualKeys, 'next', 'X')).toBe('X is taken.');
    expect(keyProblem(usualKeys, 'next', 'g')).toContain('pages');
    expect(keyProblem(usualKeys, 'next', ' ')).toBe('One character.');
    expect(keyProblem(usualKeys, 'next', 'n')).toBeNull();
  });
});
