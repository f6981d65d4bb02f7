import { expect, test } from 'vitest';
import { claimOf } from '../testing/claim.ts';
import { Hold } from './hold.ts';
import { LocalQueue } from './local-queue.ts';

const reachMs = 5_000;

function queueOf(limits = { concurrency: 2, prefetch: 500 }): LocalQueue {
  const queue = new LocalQueue(reachMs);
  queue.open('test', limits);
  return queue;
}

let ticketId = 0;
function put(queue: LocalQueue, count: number, since = 0): Hold[] {
  return Array.from({ length: count }, () => {
    ticketId += 1;
    const hold = new Hold(claimOf({ ticketId }), 's', since);
    expect(queue.put(hold)).toBe(true);
    return hold;
  });
}

test('without knowing how long work takes, only free hands are asked for', () => {
  const queue = queueOf();
  queue.ranDry('test');
  expect(queue.wanted('test', 2, 0)).toBe(2);
  expect(queue.wanted('test', 2, 1)).toBe(1);
  expect(queue.wanted('test', 2, 2)).toBe(0);
  expect(queue.wanted('test', 0, 0)).toBe(0);
});

test('it takes more ahead each time it runs dry, up to what hands reach in half of the time and to the most', () => {
  const quick = queueOf();
  quick.worked('test', 1);
  const wanted: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    quick.ranDry('test');
    wanted.push(quick.wanted('test', 2, 0));
  }
  expect(wanted).toEqual([4, 6, 10, 18, 34, 66, 130, 258, 502, 502]);

  // Two hands of 500 ms each begin ten in 2.5 s.
  const slow = queueOf();
  slow.worked('test', 500);
  for (let n = 0; n < 10; n += 1) slow.ranDry('test');
  expect(slow.wanted('test', 0, 0)).toBe(10);

  const minutes = queueOf();
  minutes.worked('test', 60_000);
  for (let n = 0; n < 10; n += 1) minutes.ranDry('test');
  expect(minutes.wanted('test', 0, 0)).toBe(0);
});

test('it is filled again when it falls below half', () => {
  const queue = queueOf({ concurrency: 2, prefetch: 8 });
  queue.worked('test', 1);
  for (let n = 0; n < 5; n += 1) queue.ranDry('test');
  put(queue, 8);
  expect(queue.wanted('test', 0, 0)).toBe(0);
  for (let n = 0; n < 3; n += 1) queue.take('test', 0);
  expect(queue.wanted('test', 0, 0)).toBe(0);
  queue.take('test', 0);
  expect(queue.wanted('test', 0, 0)).toBe(4);
  expect(queue.wanted('test', 0, 4)).toBe(0);
});

test('it hands out in the order of the claims', () => {
  const queue = queueOf();
  const holds = put(queue, 2_500);
  expect(holds.map(() => queue.take('test', 0))).toEqual(holds);
  expect(queue.take('test', 0)).toBeUndefined();
  expect(queue.size('test')).toBe(0);
});

test('tickets that waited for a hand make it take less ahead', () => {
  const queue = queueOf({ concurrency: 1, prefetch: 100 });
  queue.worked('test', 1);
  for (let n = 0; n < 10; n += 1) queue.ranDry('test');
  put(queue, 1);
  queue.take('test', reachMs / 4 + 1);
  expect(queue.wanted('test', 0, 0)).toBe(50);
});

test('what no hand reached in a third of the lease goes back, and nothing more is taken ahead', () => {
  const queue = queueOf({ concurrency: 1, prefetch: 100 });
  queue.worked('test', 1);
  for (let n = 0; n < 10; n += 1) queue.ranDry('test');
  const old = put(queue, 3, 0);
  const young = put(queue, 1, 1_000);
  expect(queue.dueAt).toBe(reachMs);
  expect(queue.overdue(reachMs - 1)).toEqual([]);
  expect(queue.overdue(reachMs)).toEqual(old);
  expect(queue.dueAt).toBe(reachMs + 1_000);
  expect(queue.wanted('test', 0, 0)).toBe(0);
  expect(queue.take('test', reachMs)).toBe(young[0]);
  expect(queue.dueAt).toBe(Number.POSITIVE_INFINITY);
});

test('a kind without a handler holds nothing', () => {
  const queue = queueOf();
  const holds = put(queue, 2);
  expect(queue.close('test')).toEqual(holds);
  expect(queue.put(holds[0] as Hold)).toBe(false);
  expect(queue.wanted('test', 2, 0)).toBe(0);
});
