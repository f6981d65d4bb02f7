import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { Hearing } from './hearing.ts';

test('words that are followed by tickets are looked at without a pause', async () => {
  const clock = new FakeClock();
  let looks = 0;
  const hearing = new Hearing(clock, () => (looks += 1));
  for (let n = 1; n <= 10; n += 1) {
    hearing.heard();
    expect(looks).toBe(n);
    hearing.found(1);
  }
  expect(clock.sleeping).toBe(0);
});

test('a storm of words in vain is a look each 64 ms, and the first that finds something ends it', async () => {
  const clock = new FakeClock();
  let looks = 0;
  let there = 0;
  const hearing: Hearing = new Hearing(clock, () => {
    looks += 1;
    hearing.found(there);
  });
  for (let ms = 0; ms < 1_000; ms += 1) {
    for (let n = 0; n < 5; n += 1) hearing.heard();
    await clock.advance(1);
  }
  // One at once, seven while the pause doubles to 64 ms, and then one each 64 ms.
  expect(looks).toBeGreaterThan(15);
  expect(looks).toBeLessThan(25);
  there = 1;
  hearing.heard();
  await clock.advance(64);
  looks = 0;
  hearing.heard();
  hearing.heard();
  expect(looks).toBe(2);
});

test('after a silence a word is looked at at once, whatever was in vain before', async () => {
  const clock = new FakeClock();
  let looks = 0;
  const hearing: Hearing = new Hearing(clock, () => {
    looks += 1;
    hearing.found(0);
  });
  hearing.heard();
  await clock.advance(201);
  hearing.heard();
  expect(looks).toBe(2);
});
