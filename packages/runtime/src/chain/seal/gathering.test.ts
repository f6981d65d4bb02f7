import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { Gathering } from './gathering.ts';

test('what is said in one breath is told once, and what follows is told again', async () => {
  const clock = new FakeClock();
  let told = 0;
  const gathering = new Gathering(clock, () => (told += 1));
  for (let n = 0; n < 10; n += 1) gathering.say();
  expect(told).toBe(0);
  await clock.advance(10);
  expect(told).toBe(1);
  await clock.advance(100);
  expect(told).toBe(1);
  gathering.say();
  await clock.advance(10);
  expect(told).toBe(2);
});
