import { describe, expect, it } from 'vitest';
import { gradeMemory, lookAtMemory, parseMeminfo } from './memory.ts';

const limits = { degradedAvailablePercent: 10, unhealthyAvailablePercent: 5 };

describe('a memory look', () => {
  it('measures this machine', async () => {
    const snapshot = await lookAtMemory(limits, new AbortController().signal);
    const { totalBytes, availableBytes } = snapshot.details as { totalBytes: number; availableBytes: number };
    expect(totalBytes).toBeGreaterThan(0);
    expect(availableBytes).toBeGreaterThan(0);
    expect(availableBytes).toBeLessThanOrEqual(totalBytes);
  });

  it('rejects when the runtime has given up', async () => {
    await expect(lookAtMemory(limits, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });

  it.each([
    [10.1, 'healthy'],
    [10, 'degraded'],
    [5.1, 'degraded'],
    [5, 'unhealthy'],
  ])('grades %f percent available as %s', (percent, status) => {
    const usage = { totalBytes: 1_000_000, availableBytes: percent * 10_000, source: 'meminfo' as const };
    expect(gradeMemory(usage, limits).status).toBe(status);
  });

  it('says what is left of what', () => {
    const usage = { totalBytes: 16_000_000_000, availableBytes: 480_000_000, source: 'meminfo' as const };
    expect(gradeMemory(usage, limits)).toMatchObject({
      status: 'unhealthy',
      category: 'capacity',
      error: 'memory : 3 % available (480.0 MB of 16.0 GB), limit 5 %',
      details: { failure: 'memory_low', availablePercent: 3 },
    });
  });
});

describe('meminfo', () => {
  it('gives total and available in bytes', () => {
    expect(parseMeminfo('MemTotal:       16000 kB\nMemFree:  12 kB\nMemAvailable:    8000 kB\n')).toEqual({
      totalBytes: 16_384_000,
      availableBytes: 8_192_000,
    });
  });

  it('gives nothing where a kernel does not count what is available', () => {
    expect(parseMeminfo('MemTotal: 16000 kB\nMemFree: 12 kB\n')).toBeNull();
    expect(parseMeminfo('')).toBeNull();
  });
});
