import { describe, expect, it } from 'vitest';
import { chainEvent } from '../../fixtures/scene.ts';
import { quotaOf, startsOnChain, waitingMessage } from './quota.ts';

const now = Date.parse('2026-11-21T11:00:00.000Z');
const limits = { softPerHour: 20, hardPerHour: 40 };
const minute = 60_000;

/** So many starts, one each minute before now, the latest a minute ago. */
const starts = (count: number): number[] => Array.from({ length: count }, (_, n) => now - (n + 1) * minute);

describe('how many investigations may start in an hour', () => {
  it.each([
    [0, false, true],
    [19, false, true],
    [20, false, false],
    [20, true, true],
    [39, true, true],
    [40, true, false],
  ])('after %i, critical %s: %s', (count, critical, allowed) => {
    expect(quotaOf(starts(count), now, { ...limits, critical }).allowed).toBe(allowed);
  });

  it('says when there is room again, and which limit it was', () => {
    expect(quotaOf(starts(25), now, { ...limits, critical: false })).toEqual({
      allowed: false,
      limit: 'soft',
      started: 25,
      waitMs: 40 * minute,
    });
    expect(quotaOf(starts(45), now, { ...limits, critical: true })).toMatchObject({
      limit: 'hard',
      waitMs: 20 * minute,
    });
  });

  it('forgets what is older than an hour', () => {
    const old = starts(40).map((at) => at - 60 * minute);
    expect(quotaOf(old, now, { ...limits, critical: false })).toEqual({ allowed: true });
  });

  it('counts on the log what looked into something, and not what was spared', async () => {
    const events = ['open', 'debounced', 'folded', 'recovered', 'open'].map((outcome, n) =>
      chainEvent(n + 1, 'probe.investigation_completed', '10:30:00', { outcome }),
    );
    const read = () => Promise.resolve(events);
    expect(await startsOnChain({ read }, { type: 'probe.investigation_completed', now })).toHaveLength(2);
  });

  it('tells it once for each hour and limit', () => {
    const full = { allowed: false, limit: 'hard', started: 40, waitMs: minute } as const;
    const message = waitingMessage(full, now, 'probe_investigation');
    expect(message).toMatchObject({
      key: 'investigations:probe_investigation:hard:2026-11-21T11',
      severity: 'critical',
    });
    expect(message.body).toContain('no more do before 11:01:00 UTC');
    expect(waitingMessage({ ...full, limit: 'soft' }, now, 'probe_investigation').severity).toBe('warning');
  });
});
