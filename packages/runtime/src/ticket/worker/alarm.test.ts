import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { Alarm } from './alarm.ts';

test('it rings at the earliest time that was named, and then at the one it is told', async () => {
  const clock = new FakeClock();
  const rang: number[] = [];
  const alarm = new Alarm(clock, (now) => {
    rang.push(now);
    return now === 100 ? 500 : Number.POSITIVE_INFINITY;
  });
  alarm.by(1_000);
  await clock.advance(1);
  alarm.by(100);
  alarm.by(2_000);
  await clock.advance(98);
  expect(rang).toEqual([]);
  await clock.advance(1);
  expect(rang).toEqual([100]);
  await clock.advance(5_000);
  expect(rang).toEqual([100, 500]);
  expect(clock.sleeping).toBe(0);
});

test('one that rang and was told nothing rings again when it is named a time', async () => {
  const clock = new FakeClock();
  let rang = 0;
  const alarm = new Alarm(clock, () => {
    rang += 1;
    return Number.POSITIVE_INFINITY;
  });
  for (let n = 1; n <= 3; n += 1) {
    alarm.by(clock.monotonic() + 10);
    await clock.advance(10);
    expect(rang).toBe(n);
  }
});

test('a time that is named while it rings is kept', async () => {
  const clock = new FakeClock();
  const rang: number[] = [];
  const alarm: Alarm = new Alarm(clock, (now) => {
    rang.push(now);
    if (now === 10) alarm.by(20);
    return Number.POSITIVE_INFINITY;
  });
  alarm.by(10);
  await clock.advance(100);
  expect(rang).toEqual([10, 20]);
});

test('closed it rings no more', async () => {
  const clock = new FakeClock();
  let rang = 0;
  const alarm = new Alarm(clock, () => (rang += 1));
  alarm.by(10);
  await alarm.close();
  alarm.by(5);
  await clock.advance(100);
  expect(rang).toBe(0);
  expect(clock.sleeping).toBe(0);
});
