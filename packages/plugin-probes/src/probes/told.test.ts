import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { told } from './told.ts';

describe('what a look tells', () => {
  it('has no secret in it, wherever the other side put it', () => {
    const snapshot: ProbeSnapshot = {
      status: 'unhealthy',
      details: { said: 'token tok3n-abc is wrong', list: [{ 'tok3n-abc': 'tok3n-abc' }], count: 3 },
      error: 'GET x : tok3n-abc',
      category: 'auth',
    };
    const safe = told(snapshot, ['tok3n-abc', '']);
    expect(JSON.stringify(safe)).not.toContain('tok3n');
    expect(safe).toMatchObject({ status: 'unhealthy', category: 'auth', details: { count: 3 } });
    expect(safe.error).toBe('GET x : [redacted]');
  });

  it('is no larger than a page, whatever was measured', () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, 'x'.repeat(10_000)]));
    const snapshot: ProbeSnapshot = {
      status: 'healthy',
      details: { wide, list: Array.from({ length: 10_000 }, () => 1) },
    };
    expect(JSON.stringify(told(snapshot, [])).length).toBeLessThan(40_000);
  });

  it('that is a word is no secret', () => {
    expect(told({ status: 'healthy', details: { a: 'one' } }, ['one']).details).toEqual({ a: 'one' });
  });
});
