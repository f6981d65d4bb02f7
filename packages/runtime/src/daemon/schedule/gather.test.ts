import { expect, test } from 'vitest';
import { fault } from '../../fault/index.ts';
import { Gather } from './gather.ts';

const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

test('what is asked in one moment is one statement, and what comes while it is under way is the next', async () => {
  const sent: number[][] = [];
  let answer = (): void => undefined;
  const gather = new Gather<number, number>({
    rest: turn,
    send: async (asks) => {
      sent.push([...asks]);
      await new Promise<void>((resolve) => (answer = resolve));
      return asks.map((n) => n * 2);
    },
  });
  const first = [1, 2].map((n) => gather.ask(n));
  await turn();
  const second = [3, 4, 5].map((n) => gather.ask(n));
  await turn();
  expect(sent).toEqual([[1, 2]]);
  answer();
  expect(await Promise.all(first)).toEqual([2, 4]);
  await turn();
  await turn();
  answer();
  expect(await Promise.all(second)).toEqual([6, 8, 10]);
  expect(sent).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

test('a bad question spoils no other', async () => {
  const gather = new Gather<number, number>({
    rest: turn,
    send: async (asks) => {
      await turn();
      if (asks.includes(2)) throw fault('KORA_INTERNAL', 'two');
      return [...asks];
    },
  });
  const answers = await Promise.allSettled([1, 2, 3].map((n) => gather.ask(n)));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('of a store that is away each is told once, and nothing is asked again', async () => {
  let asked = 0;
  const gather = new Gather<number, number>({
    rest: turn,
    send: () => {
      asked += 1;
      return Promise.reject(fault('KORA_STORE_UNREACHABLE', 'away'));
    },
  });
  const answers = await Promise.allSettled([1, 2, 3].map((n) => gather.ask(n)));
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
  expect(asked).toBe(1);
});
