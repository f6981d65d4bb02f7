import { mostEnded } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { sparkPath } from '../../kit/spark.tsx';
import { sparkWords } from './lane-strip.tsx';

describe('the course of a lane', () => {
  it('is broken where nobody counted, and begins at zero', () => {
    expect(sparkPath([null, 0, 4, null, 2, null])).toBe('M1 16L2 0M4 8h.5');
    expect(sparkPath([0, 0])).toBe('M0 16L1 16');
    expect(sparkPath([null])).toBe('');
  });

  it('is said in words, with how much of it is known', () => {
    expect(sparkWords('queued', [null, null])).toBe('Of the last 24 h nothing is known yet.');
    expect(sparkWords('queued', [null, 2, 5, 0])).toBe('Last 24 h: between 0 and 5. Known for 1.5 h of it.');
    expect(sparkWords('recently_resolved', [3, mostEnded])).toBe(
      'Last 24 h: at most 200 or more ended in half an hour.',
    );
  });
});
