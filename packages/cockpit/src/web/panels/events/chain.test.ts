import { describe, expect, it } from 'vitest';
import { eventRow, stageNow } from '../../stage/rows.ts';
import { linesOf } from './filter.ts';
import { pathTo } from './json-tree.tsx';
import { jumpOf, seqAt } from './jump.ts';
import { besides } from './subject.ts';
import { startOf } from './use-chain.ts';

describe('the place of the chain that an address names', () => {
  it('is its live end, a position, or an event with some newer ones above', () => {
    expect(startOf({ seq: '', at: '' })).toBeNull();
    expect(startOf({ seq: '', at: '40' })).toBe(41);
    expect(startOf({ seq: '40', at: '' })).toBe(51);
    expect(startOf({ seq: 'x', at: '' })).toBeNull();
  });

  it('is typed as a sequence or as a time', () => {
    expect(jumpOf('#48219', stageNow)).toEqual({ seq: 48_219 });
    expect(jumpOf('2026-11-21T12:00:00Z', stageNow)).toEqual({ time: Date.parse('2026-11-21T12:00:00Z') });
    expect(jumpOf('noon', stageNow)).toBeNull();
  });

  it('is found by its time, with holes where the chain was pruned', async () => {
    const events = [3, 4, 7, 9].map((seq) => ({ seq, at: seq * 100 }));
    const look = async (seq: number): Promise<{ seq: number; at: number } | null> =>
      events.find((event) => event.seq >= seq) ?? null;
    expect(await seqAt(350, 9, look)).toBe(4);
    expect(await seqAt(0, 9, look)).toBe(3);
    expect(await seqAt(901, 9, look)).toBeNull();
  });
});

it('names holes, and the events about the same', () => {
  const about = (seq: number, probe: string): ReturnType<typeof eventRow> =>
    eventRow({ seq, payload: { probe } });
  const rows = [about(9, 'shop'), about(7, 'disk'), about(6, 'shop'), about(5, 'shop')];
  expect(linesOf(rows, true).map((line) => line.missing)).toEqual([0, 1, 0, 0]);
  expect(besides(about(6, 'shop'), rows)).toEqual({ previous: 5, next: 9 });
  expect(pathTo(pathTo('payload', 'a', false), '0', true)).toBe('payload.a[0]');
  expect(pathTo('payload', 'a key', false)).toBe('payload["a key"]');
});
