import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import type { Verdict } from '../queue/resolve.ts';
import { Resolver } from './resolver.ts';

interface Flush {
  readonly sessionId: string;
  readonly endings: readonly number[];
  readonly lane: number;
  answer(verdicts?: readonly Verdict[]): void;
  fail(error: Error): void;
}

class Away extends Error {}

function bench(): {
  readonly resolver: Resolver<number>;
  readonly flushes: Flush[];
  readonly clock: FakeClock;
  readonly told: string[];
} {
  const flushes: Flush[] = [];
  const told: string[] = [];
  const clock = new FakeClock();
  const resolver = new Resolver<number>({
    clock,
    flush: (sessionId, endings, lane) =>
      new Promise((resolve, reject) => {
        flushes.push({
          sessionId,
          endings,
          lane,
          answer: (verdicts = endings.map(() => 'ok')) => resolve(verdicts),
          fail: reject,
        });
      }),
    mayPass: (error) => error instanceof Away,
    onError: (where) => told.push(where),
    onFlushed: () => undefined,
  });
  return { resolver, flushes, clock, told };
}

/** Lets this turn of the event loop end, and what follows from it. */
async function turn(): Promise<void> {
  for (let n = 0; n < 3; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('all that end in one turn are one statement, and each is told its own verdict', async () => {
  const { resolver, flushes } = bench();
  const verdicts = [1, 2, 3].map((n) => resolver.put('s', n));
  expect(flushes).toEqual([]);
  await turn();
  expect(flushes.map(({ endings }) => endings)).toEqual([[1, 2, 3]]);
  flushes[0]?.answer(['ok', 'already', 'lost']);
  expect(await Promise.all(verdicts)).toEqual(['ok', 'already', 'lost']);
  expect(resolver.size).toBe(0);
});

test('beside a flush under way a second one waits for 64 or two milliseconds, and a third for one of them', async () => {
  const { resolver, flushes, clock } = bench();
  void resolver.put('s', 0);
  await turn();
  void resolver.put('s', 1);
  await turn();
  expect(flushes).toHaveLength(1);
  await clock.advance(2);
  await turn();
  expect(flushes.map(({ lane }) => lane)).toEqual([0, 1]);
  for (let n = 2; n < 100; n += 1) void resolver.put('s', n);
  await clock.advance(100);
  await turn();
  expect(flushes).toHaveLength(2);
  flushes[0]?.answer();
  await turn();
  expect(flushes[2]?.endings).toHaveLength(98);
  expect(flushes[2]?.lane).toBe(0);
});

test('sixty-four are worth a second flush at once', async () => {
  const { resolver, flushes } = bench();
  void resolver.put('s', 0);
  await turn();
  for (let n = 1; n <= 64; n += 1) void resolver.put('s', n);
  await turn();
  expect(flushes.map(({ endings }) => endings.length)).toEqual([1, 64]);
});

test('ends of two sessions never share a statement, and keep their order', async () => {
  const { resolver, flushes } = bench();
  void resolver.put('old', 1);
  void resolver.put('old', 2);
  void resolver.put('new', 3);
  await turn();
  flushes[0]?.answer();
  await turn();
  expect(flushes.map(({ sessionId, endings }) => [sessionId, endings])).toEqual([
    ['old', [1, 2]],
    ['new', [3]],
  ]);
});

test('a store that is away is asked again after a pause, in order, with what came meanwhile', async () => {
  const { resolver, flushes, clock, told } = bench();
  const first = resolver.put('s', 1);
  await turn();
  flushes[0]?.fail(new Away());
  await turn();
  void resolver.put('s', 2);
  await turn();
  expect(flushes).toHaveLength(1);
  expect(told).toEqual(['tickets']);
  await clock.advance(500);
  await turn();
  expect(flushes[1]?.endings).toEqual([1, 2]);
  flushes[1]?.answer(['already', 'ok']);
  expect(await first).toBe('already');
});

test('who hurries it does not wait for the pause; two tries that fail tell him, and it pauses again', async () => {
  const { resolver, flushes, clock } = bench();
  void resolver.put('s', 1);
  await turn();
  flushes[0]?.fail(new Away());
  await turn();
  using watch = resolver.failedTwice();
  let failed = false;
  void watch.failed.then(() => (failed = true));
  resolver.hurry();
  await turn();
  flushes[1]?.fail(new Away());
  await turn();
  expect(failed).toBe(false);
  flushes[2]?.fail(new Away());
  await turn();
  expect(failed).toBe(true);
  expect(flushes).toHaveLength(3);
  await clock.advance(500);
  await turn();
  expect(flushes[3]?.endings).toEqual([1]);
});

test('one that can never be written is told so, and the others are written', async () => {
  const { resolver, flushes } = bench();
  const ends = [1, 2].map((n) => resolver.put('s', n).catch((error: unknown) => error));
  await turn();
  flushes[0]?.fail(new Error('no row holds that'));
  await turn();
  expect(flushes[1]?.endings).toEqual([1]);
  flushes[1]?.fail(new Error('no row holds that'));
  await turn();
  expect(flushes[2]?.endings).toEqual([2]);
  flushes[2]?.answer();
  expect(await Promise.all(ends)).toEqual([new Error('no row holds that'), 'ok']);
});

test('closing tells what was not answered that it is lost, and takes no more', async () => {
  const { resolver, flushes } = bench();
  const under = resolver.put('s', 1);
  await turn();
  const waiting = resolver.put('s', 2);
  resolver.close();
  expect(await waiting).toBe('lost');
  expect(await resolver.put('s', 3)).toBe('lost');
  flushes[0]?.fail(new Away());
  expect(await under).toBe('lost');
  expect(flushes).toHaveLength(1);
});

test('it is crowded when far more ends wait than a flush takes', async () => {
  const { resolver } = bench();
  for (let n = 0; n < 1_499; n += 1) void resolver.put('s', n);
  expect(resolver.crowded).toBe(false);
  void resolver.put('s', 1_499);
  expect(resolver.crowded).toBe(true);
});
