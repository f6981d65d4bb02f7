import { describe, expect, it } from 'vitest';
import type { LinkView } from './link.ts';
import type { Slice } from './model.ts';
import { type PanelView, viewOf, worstOf } from './view.ts';

const live: LinkView = { verdict: 'live', silentMs: 1_000 };
const offline: LinkView = { verdict: 'offline', silentMs: 40_000 };
const unread: Slice<unknown> = { good: null, bad: null };
const read: Slice<unknown> = {
  good: { data: [], order: 5, receivedAt: 1_000, asOf: '2026-11-21T12:00:00Z', source: 'live', reason: null },
  bad: null,
};
const refused = (status: number, order: number): NonNullable<Slice<unknown>['bad']> => ({
  fault: { status, code: 'CODE', message: 'No.', hint: null },
  order,
});
const view = (slice: Slice<unknown>, link = live, isEmpty = false): PanelView =>
  viewOf({ slice, link, isEmpty, confirmed: null });

describe('the state of a panel', () => {
  it('is loading until the first answer, and unavailable when none can come', () => {
    expect(view(unread)).toEqual({ state: 'loading' });
    expect(view(unread, { verdict: 'connecting', silentMs: null })).toEqual({ state: 'loading' });
    expect(view(unread, offline)).toMatchObject({ state: 'unavailable', code: 'PAGE_NO_ANSWER' });
    expect(view({ good: null, bad: refused(503, 1) })).toMatchObject({ state: 'unavailable', code: 'CODE' });
  });

  it('is ready or empty only while the link is live and nothing newer was refused', () => {
    expect(view(read)).toEqual({ state: 'ready', at: 1_000 });
    expect(view(read, live, true)).toEqual({ state: 'empty', at: 1_000 });
    expect(view({ ...read, bad: refused(500, 4) })).toEqual({ state: 'ready', at: 1_000 });
    expect(view({ ...read, bad: refused(500, 6) }, live, true).state).toBe('stale');
    expect(view(read, offline, true)).toMatchObject({ state: 'stale', reason: 'link lost' });
    expect(view(read, { verdict: 'stale', silentMs: 13_000 })).toMatchObject({
      state: 'stale',
      reason: 'no heartbeat',
    });
  });

  it('is forbidden when the permission is missing, even with old data in hand', () => {
    expect(view({ ...read, bad: refused(403, 6) })).toMatchObject({ state: 'forbidden', message: 'No.' });
  });

  it('is stale when the runtime says so itself', () => {
    const good = { ...read.good, source: 'stale', reason: 'the sealer stands' } as NonNullable<
      Slice<unknown>['good']
    >;
    expect(view({ good, bad: null })).toMatchObject({ state: 'stale', reason: 'the sealer stands' });
  });

  it('is as young as the last heartbeat that left it standing, but not when its refresh was refused', () => {
    const confirmed = { at: 9_000, asOf: '2026-11-21T12:00:08Z' };
    expect(viewOf({ slice: read, link: live, isEmpty: false, confirmed })).toEqual({
      state: 'ready',
      at: 9_000,
    });
    expect(viewOf({ slice: read, link: offline, isEmpty: false, confirmed })).toMatchObject({
      asOf: confirmed.asOf,
    });
    const slice = { ...read, bad: refused(500, 6) };
    expect(viewOf({ slice, link: live, isEmpty: false, confirmed })).toMatchObject({
      asOf: '2026-11-21T12:00:00Z',
    });
  });

  it('of several lists is the worst, and as old as the oldest', () => {
    const ready = (at: number): PanelView => ({ state: 'ready', at });
    expect(worstOf([ready(5), ready(3), { state: 'empty', at: 1 }])).toEqual(ready(3));
    expect(worstOf([ready(5), { state: 'loading' }])).toEqual({ state: 'loading' });
    expect(worstOf([{ state: 'loading' }, view(unread, offline)]).state).toBe('unavailable');
  });
});
