import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openNumbers } from './index.ts';
import { testFolder } from './testing/folder.ts';

const never = (where: string, error: unknown): never => {
  throw new Error(`${where}: ${String(error)}`);
};

test('law: numbers only rise, over any number of restarts and however many were taken', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2_500 }), { maxLength: 5 }), async (runs) => {
      const home = testFolder();
      const given: number[] = [];
      for (const take of runs) {
        const numbers = await openNumbers(home, never);
        for (let taken = 0; taken < take; taken += 1) given.push(numbers.next());
      }
      expect(given.findIndex((n, at) => n <= (given[at - 1] ?? 0))).toBe(-1);
    }),
    { numRuns: 20 },
  );
});

test('the first number of a home is 1, and most of them need no disk', async () => {
  const home = testFolder();
  const numbers = await openNumbers(home, never);
  expect(numbers.next()).toBe(1);
  const kept = readFileSync(join(home, 'state.json'), 'utf8');
  expect(JSON.parse(kept)).toEqual({ numbersBelow: 1_000 });
  for (let n = 2; n <= 1_000; n += 1) expect(numbers.next()).toBe(n);
  expect(readFileSync(join(home, 'state.json'), 'utf8')).toBe(kept);
});

test('a damaged file is named, and nothing is numbered twice because of it', async () => {
  const home = testFolder();
  writeFileSync(join(home, 'state.json'), '{"numbersBelow":');
  await expect(openNumbers(home, never)).rejects.toMatchObject({ code: 'KORA_HOME_UNREADABLE' });
});

test('a disk that refuses is told, and the numbers go on', async () => {
  const home = testFolder();
  const told: string[] = [];
  const numbers = await openNumbers(join(home, 'gone'), (where) => told.push(where));
  expect([numbers.next(), numbers.next()]).toEqual([1, 2]);
  expect(told).toEqual(['numbers of the home']);
});
