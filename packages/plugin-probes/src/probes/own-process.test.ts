import { describe, expect, it } from 'vitest';
import { gradeOwnProcess, ownProcessLook } from './own-process.ts';

const own = { pid: 7, residentBytes: 120_000_000, uptimeSeconds: 60 };

describe('the look at the own process', () => {
  it('has nothing to compare with at first, and measures from then on', async () => {
    const look = ownProcessLook();
    const first = await look();
    expect(first).toMatchObject({ status: 'healthy', details: { pid: process.pid } });
    expect(first.details).not.toHaveProperty('loopBusyPercent');
    // The loop must come round once, else there is no time between the looks to have a share of.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { details } = await look();
    expect(details['loopBusyPercent']).toBeGreaterThanOrEqual(0);
    expect(details['loopBusyPercent']).toBeLessThanOrEqual(100);
  });

  it('is degraded when the event loop has no rest', () => {
    expect(gradeOwnProcess({ ...own, loop: { busyPercent: 97.4, seconds: 30 } })).toMatchObject({
      status: 'degraded',
      category: 'capacity',
      error: 'kora runtime (pid 7) : event loop busy 97.4 % of the last 30 s, limit 95 %',
      details: { failure: 'loop_busy' },
    });
    expect(gradeOwnProcess({ ...own, loop: { busyPercent: 94.9, seconds: 30 } }).status).toBe('healthy');
  });
});
