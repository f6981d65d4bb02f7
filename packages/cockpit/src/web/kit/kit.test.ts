import { describe, expect, it } from 'vitest';
import { sparkPath } from './sparkline.tsx';

describe('a sparkline', () => {
  it('goes from the least to the most, and breaks where nothing is known', () => {
    expect(sparkPath([0, 10, null, 5], 90, 20)).toBe('M0 19L30 1M90 10');
    expect(sparkPath([3, 3], 10, 20)).toBe('M0 10L10 10');
    expect(sparkPath([], 10, 20)).toBe('');
  });
});
