import { describe, expect, it } from 'vitest';
import { gradeLoad, lookAtLoad, stalledIn } from './load.ts';

const limits = { degradedPerProcessor: 2, unhealthyPerProcessor: 4 };
const seen = { load1: 1, load5: 1, load15: 1, processors: 2, stalledPercent: null };

describe('a load look', () => {
  it.each([
    [3.9, 'healthy', undefined],
    [4, 'degraded', 'load : 4 over 5 minutes on 2 processors, 2 each, limit 2'],
    [9, 'unhealthy', 'load : 9 over 5 minutes on 2 processors, 4.5 each, limit 4'],
  ])('with %f on two processors is %s', (load5, status, error) => {
    const snapshot = gradeLoad({ ...seen, load5 }, limits);
    expect(snapshot.status).toBe(status);
    expect(snapshot.error).toBe(error);
  });

  it('measures this machine', async () => {
    const snapshot = await lookAtLoad(limits, new AbortController().signal);
    expect(snapshot.details['processors']).toBeGreaterThan(0);
  });

  it('reads how long work waited for a processor, where the kernel says it', () => {
    expect(stalledIn('some avg10=1.00 avg60=4.20 avg300=0.10 total=5\nfull avg10=0.00 avg60=9.00\n')).toBe(
      4.2,
    );
    expect(stalledIn('')).toBeNull();
  });
});
