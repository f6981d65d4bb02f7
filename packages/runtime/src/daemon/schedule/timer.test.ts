import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import type { Waiting } from './heap.ts';
import { DueTimer } from './timer.ts';

interface Item extends Waiting {
  readonly name: string;
}

function scene() {
  const clock = new FakeClock();
  const start = clock.now();
  const fired: string[][] = [];
  let setBacks = 0;
  const timer = new DueTimer<Item>({
    clock,
    aheadMs: 20,
    fire: (due) => fired.push([`${clock.now() - start}`, ...due.map(({ name }) => name)]),
    setBack: () => (setBacks += 1),
  });
  const item = (name: string): Item => ({ name, at: 0, slot: -1 });
  const put = (name: string, ms: number): Item => {
    const made = item(name);
    timer.put(made, start + ms);
    return made;
  };
  return { clock, start, fired, timer, put, setBacks: () => setBacks };
}

test('thousands wait in one sleep, and what is due within 20 ms goes together', async () => {
  const { clock, fired, put } = scene();
  for (let n = 0; n < 5_000; n += 1) put(`late ${n}`, 3_600_000 + n);
  put('a', 1_000);
  put('b', 1_005);
  put('c', 1_060);
  await clock.advance(500);
  expect(clock.sleeping).toBe(1);
  await clock.advance(600);
  expect(fired).toEqual([
    ['990', 'a', 'b'],
    ['1050', 'c'],
  ]);
});

test('whoever comes before the one that is waited for wakes the timer', async () => {
  const { clock, fired, put } = scene();
  put('late', 50_000);
  await clock.advance(100);
  put('soon', 200);
  await clock.advance(200);
  expect(fired).toEqual([['190', 'soon']]);
});

test('what left is not fired, and a timer that nobody needs sleeps no longer', async () => {
  const { clock, fired, timer, put } = scene();
  const gone = put('gone', 1_000);
  await clock.advance(100);
  timer.remove(gone);
  await clock.advance(0);
  expect(clock.sleeping).toBe(0);
  await clock.advance(5_000);
  expect(fired).toEqual([]);
  put('next', 6_000);
  await clock.advance(2_000);
  expect(fired).toEqual([['5990', 'next']]);
});

test('a machine that slept through a due time fires within a minute of waking', async () => {
  const { clock, fired, put } = scene();
  put('daily', 3 * 3_600_000);
  await clock.advance(1);
  clock.jump(4 * 3_600_000);
  await clock.advance(60_000);
  expect(fired).toHaveLength(1);
});

test('a wall clock that is set back is told within a minute, one that only drifts is not', async () => {
  const { clock, put, setBacks } = scene();
  put('daily', 86_400_000);
  clock.jump(-500);
  await clock.advance(60_000);
  expect(setBacks()).toBe(0);
  clock.jump(-3_600_000);
  await clock.advance(60_000);
  expect(setBacks()).toBe(1);
});
