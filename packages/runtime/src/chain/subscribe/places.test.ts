import { expect, test } from 'vitest';
import { Places } from './places.ts';

test('so many at once, the others in the order they came; a place is given back by who fails, too', async () => {
  const places = new Places(2);
  const began: number[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const runs = [0, 1, 2, 3].map((n) =>
    places.with(() => {
      began.push(n);
      const end = Promise.withResolvers<void>();
      ends.push(end);
      return end.promise;
    }),
  );
  expect(began).toEqual([0, 1]);
  const failure = new Error('it failed');
  ends[1]?.reject(failure);
  await expect(runs[1]).rejects.toBe(failure);
  await expect.poll(() => began).toEqual([0, 1, 2]);
  ends[0]?.resolve();
  await expect.poll(() => began).toEqual([0, 1, 2, 3]);
  ends[2]?.resolve();
  ends[3]?.resolve();
  await Promise.all([runs[0], runs[2], runs[3]]);
  await places.with(() => Promise.resolve());
});
