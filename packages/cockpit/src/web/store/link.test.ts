import { describe, expect, it } from 'vitest';
import { clockSkewMs, linkView } from './link.ts';
import type { LinkFacts } from './model.ts';

const beat = { serverNow: '2026-11-21T12:00:03.000Z', seq: 1, build: 'b', primaryState: 'ready' } as const;
const beaten = (beatAt: number): LinkFacts => ({ startedAt: 0, beat, beatAt, bye: null });
const silent: LinkFacts = { startedAt: 100_000, beat: null, beatAt: null, bye: null };

describe('the link', () => {
  it.each([
    [0, 'live'],
    [10_999, 'live'],
    [11_000, 'stale'],
    [29_999, 'stale'],
    [30_000, 'offline'],
    [86_400_000, 'offline'],
  ])('after %i ms without a heartbeat is %s', (silentMs, verdict) => {
    expect(linkView(beaten(50_000), 50_000 + silentMs)).toEqual({ verdict, silentMs });
  });

  it('connects until it should have heard, and never says how long ago it did', () => {
    expect(linkView(silent, 110_999)).toEqual({ verdict: 'connecting', silentMs: null });
    expect(linkView(silent, 111_000)).toEqual({ verdict: 'stale', silentMs: null });
    expect(linkView(silent, 130_000)).toEqual({ verdict: 'offline', silentMs: null });
  });

  it('is not confused by a page clock that was set back', () => {
    expect(linkView(beaten(50_000), 10)).toEqual({ verdict: 'live', silentMs: 0 });
  });

  it('measures ages on the server’s clock', () => {
    expect(clockSkewMs(beaten(Date.parse('2026-11-21T12:00:00.000Z')))).toBe(3_000);
    expect(clockSkewMs(silent)).toBe(0);
  });
});
