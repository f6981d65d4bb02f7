import { describe, expect, it } from 'vitest';
import { boardRow, before, stageNow } from '../../stage/rows.ts';
import { previewWords } from './bulk.tsx';
import { progressWords } from './card.tsx';
import { laneItems, ordered } from './lane-order.ts';
import { mostAtOnce, noPicks, pick, pickAll } from './picks.ts';
import { lanePath, united } from './use-lane.ts';
import { bulkVerbs, leaseLeft, mayDo } from './verbs.ts';

const rows = [1, 2, 3, 4, 5].map((ticketId) => boardRow({ ticketId, createdAt: before(ticketId) }));
const [one, two, three] = rows;

describe('picking', () => {
  it('takes a ticket, lets it go, and takes a range either way', () => {
    if (one === undefined || two === undefined || three === undefined) throw new Error('no rows');
    const first = pick(noPicks, rows, three, false);
    expect([...first.rows.keys()]).toEqual([3]);
    expect([...pick(first, rows, one, true).rows.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(pick(first, rows, three, false).rows.size).toBe(0);
    // The one before is not in this list: there is no range.
    expect([...pick(first, [one, two], two, true).rows.keys()]).toEqual([3, 2]);
  });

  it('takes no more at once than one request may name', () => {
    const many = Array.from({ length: 500 }, (_, ticketId) => boardRow({ ticketId }));
    expect(pickAll(noPicks, many).rows.size).toBe(mostAtOnce);
  });
});

describe('verbs', () => {
  it('are offered where they find something to do', () => {
    const on = (status: string): string[] => bulkVerbs.filter((verb) => mayDo(verb, { status }));
    expect(on('in_progress')).toEqual(['release', 'reprioritise', 'cancel']);
    expect(on('assigned')).toEqual(['reprioritise', 'reassign', 'cancel']);
    expect(on('blocked_needs_operator')).toEqual(['retry', 'unblock', 'reprioritise', 'reassign', 'cancel']);
    expect(on('failed_terminal')).toEqual(['retry']);
    expect(on('completed')).toEqual([]);
  });

  it('say before how many of the picked ones they would move', () => {
    const picked = [boardRow({ status: 'claimed' }), boardRow({ status: 'failed_retryable' })];
    expect(previewWords('retry', picked)).toMatch(/1 of 2; the other 1 /);
    expect(previewWords('cancel', picked)).toMatch(/all 2/);
  });
});

describe('a lane', () => {
  it('is ordered by age and by urgency', () => {
    expect(ordered(rows, 'age').map((row) => row.ticketId)).toEqual([5, 4, 3, 2, 1]);
    const urgent = [...rows, boardRow({ ticketId: 9, priority: 'high' })];
    expect(ordered(urgent, 'priority')[0]?.ticketId).toBe(9);
    expect(ordered(rows, '')).toBe(rows);
  });

  it('groups by reason, the most common first', () => {
    const items = laneItems(
      [
        boardRow({ ticketId: 1, notRunnableReason: 'no handler' }),
        boardRow({ ticketId: 2, notRunnableReason: 'no budget' }),
        boardRow({ ticketId: 3, notRunnableReason: 'no budget' }),
      ],
      true,
    );
    expect(items.map((item) => (item.kind === 'reason' ? item.reason : item.ticket.ticketId))).toEqual([
      'no budget',
      2,
      3,
      'no handler',
      1,
    ]);
  });

  it('is asked for by its address, and no ticket comes twice', () => {
    expect(lanePath({ lane: 'queued', sort: 'bogus', q: ' mail ' })).toBe(
      '/api/sea-tickets/lane?lane=queued&limit=200&q=mail',
    );
    const priced = rows.map((row) => ({ ...row, costMicroUsd: null }));
    expect(united(priced.slice(0, 3), priced.slice(2)).map((row) => row.ticketId)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('a lease', () => {
  it('counts down, and is lost after its end', () => {
    expect(leaseLeft(before(-42), stageNow)).toBe('0:42');
    expect(leaseLeft(before(-725), stageNow)).toBe('12:05');
    expect(leaseLeft(before(1), stageNow)).toBeNull();
  });

  it('is renewed by words, which are shown as they were told', () => {
    expect(progressWords({ note: 'half of it' })).toBe('half of it');
    expect(progressWords({ done: 3 })).toMatch(/"done": ?3/);
  });
});
