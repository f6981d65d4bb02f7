import { expect, onTestFinished, test } from 'vitest';
import { testChain } from '../testing/chain.ts';
import { notes, numbers, subscribe } from '../testing/consumer.ts';

test('ten reactions that hang in their transactions leave connections to who appends, seals and reads', async () => {
  const made = await testChain();
  const release = Promise.withResolvers<void>();
  onTestFinished(() => release.resolve());
  let hung = 0;
  for (const n of numbers(1, 10)) {
    await subscribe(made, {
      consumer: `hangs-${n}`,
      react: () =>
        Promise.resolve(async () => {
          hung += 1;
          await release.promise;
        }),
    });
  }
  const [first] = notes(1);
  if (first !== undefined) await made.chain.append([first]);
  // As many as may write at once, and no more: half of the pool.
  await expect.poll(() => hung).toBe(5);
  const more = await Promise.all(notes(...numbers(2, 21)).map((note) => made.chain.appendSealed(note)));
  expect(more.every((seq) => seq !== null)).toBe(true);
  expect(await made.chain.read({ type: 'test.noted' })).toHaveLength(21);
  expect((await made.chain.consumers()).map(({ cursor }) => cursor)).toEqual(numbers(1, 10).fill(0));
  expect(hung).toBe(5);
  release.resolve();
  await expect.poll(() => hung).toBeGreaterThan(200);
});
