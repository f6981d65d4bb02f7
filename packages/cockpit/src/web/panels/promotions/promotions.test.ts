import { describe, expect, it } from 'vitest';
import { readFilter, writeFilter } from '../../shell/query.ts';
import { proposal } from '../../stage/proposals.ts';
import {
  figureText,
  filtered,
  isOther,
  type PromotionFilter,
  promotionFilterKeys,
  verbsOf,
} from './proposals.ts';

const none: PromotionFilter = readFilter('', promotionFilterKeys);
const rows = [
  proposal({ id: 4, decision: 'approved', application: 'kept' }),
  proposal({ id: 3, decision: 'approved', application: 'applied', expiresAt: '2026-01-01' }),
  proposal({ id: 2, expiresAt: '2026-12-02', risk: 'high' }),
  proposal({ id: 1, expiresAt: '2026-12-01', title: 'Learn the gateway' }),
];
const ids = (filter: Partial<PromotionFilter>): number[] =>
  filtered(rows, { ...none, ...filter }).map(({ id }) => id);

describe('the queue', () => {
  it('holds what waits and what is on trial, what runs out first on top', () => {
    expect(ids({})).toEqual([1, 2, 3]);
    expect(ids({ view: 'history' })).toEqual([4, 3, 2, 1]);
    expect(ids({ risk: 'high' })).toEqual([2]);
    expect(ids({ q: 'gateway' })).toEqual([1]);
    expect(ids({ q: '#2' })).toEqual([2]);
    expect(ids({ view: 'history', application: 'kept' })).toEqual([4]);
  });

  it('keeps its filter in the address', () => {
    const filter = { ...none, view: 'history', decision: 'rejected', loop: 'phrasebook' };
    expect(readFilter(writeFilter(filter, promotionFilterKeys), promotionFilterKeys)).toEqual(filter);
  });
});

it('what was read is other as soon as its revision or its digest is', () => {
  const read = { revision: 1, digest: 'a' };
  expect(isOther(read, { revision: 1, digest: 'a' })).toBe(false);
  expect(isOther(read, { revision: 1, digest: 'b' })).toBe(true);
  expect(isOther(read, { revision: 2, digest: 'a' })).toBe(true);
});

it('each step has its verbs, and what is over has none', () => {
  expect(verbsOf(proposal())).toEqual(['approve', 'reject']);
  expect(verbsOf({ decision: 'approved', application: 'failed' })).toEqual(['retry']);
  expect(verbsOf({ decision: 'approved', application: 'kept' })).toEqual(['rollback']);
  expect(verbsOf({ decision: 'approved', application: 'rolled_back' })).toEqual([]);
  expect(verbsOf({ decision: 'rejected', application: 'not_started' })).toEqual([]);
});

it('a figure that nobody measured is unknown and not 0', () => {
  expect([null, 0, 12, 0.25, 2.5].map(figureText)).toEqual(['unknown', '0', '12', '0.250', '2.50']);
});
