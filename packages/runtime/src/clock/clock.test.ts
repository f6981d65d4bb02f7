import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { FakeClock, systemClock, uuidV7, withDeadline } from './index.ts';

const never = (): Promise<never> => new Promise(() => undefined);

test('work that ends in time gives its value, and leaves no timer', async () => {
  const clock = new FakeClock();
  await expect(withDeadline(clock, { ms: 100, what: 'it' }, () => Promise.resolve(7))).resolves.toBe(7);
  expect(clock.sleeping).toBe(0);
});

test('work that ignores its signal cannot hold the caller past the deadline', async () => {
  const clock = new FakeClock();
  const late = withDeadline(clock, { ms: 100, what: 'the plugin' }, never);
  const failed = late.catch((error: unknown) => error);
  await clock.advance(100);
  expect(await failed).toMatchObject({
    code: 'KORA_TIMEOUT',
    message: 'the plugin did not finish within 100 ms',
  });
  expect(clock.sleeping).toBe(0);
});

test('the signal that work is given aborts at the deadline', async () => {
  const clock = new FakeClock();
  let given: AbortSignal | undefined;
  const late = withDeadline(clock, { ms: 100, what: 'it' }, (signal) => {
    given = signal;
    return never();
  });
  late.catch(() => undefined);
  await clock.advance(99);
  expect(given?.aborted).toBe(false);
  await clock.advance(1);
  expect(given?.aborted).toBe(true);
});

test('the caller’s own signal reaches the work', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const work = withDeadline(clock, { ms: 100, what: 'it', signal: stop.signal }, async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return 'stopped';
  });
  stop.abort();
  await expect(work).resolves.toBe('stopped');
  expect(clock.sleeping).toBe(0);
});

test('work that rejects leaves no timer', async () => {
  const clock = new FakeClock();
  const work = withDeadline(clock, { ms: 100, what: 'it' }, () => Promise.reject(new Error('broke')));
  await expect(work).rejects.toThrow('broke');
  expect(clock.sleeping).toBe(0);
});

test('work that throws before its first wait leaves no timer', async () => {
  const clock = new FakeClock();
  const work = withDeadline(clock, { ms: 100, what: 'it' }, () => {
    throw new Error('at once');
  });
  await expect(work).rejects.toThrow('at once');
  expect(clock.sleeping).toBe(0);
});

test('a sleep ends early when its signal aborts, and says so', async () => {
  const stop = new AbortController();
  const slept = systemClock().sleep(60_000, stop.signal);
  stop.abort();
  await expect(slept).resolves.toBe(false);
});

test('a sleep under an aborted signal does not begin', async () => {
  await expect(systemClock().sleep(60_000, AbortSignal.abort())).resolves.toBe(false);
});

test.each([
  ['the system clock', systemClock()],
  ['the fake clock', new FakeClock()],
])('a sleep that ended leaves no listener on its signal: %s', async (_, clock) => {
  const { signal } = new AbortController();
  const slept = clock.sleep(1, signal);
  if (clock instanceof FakeClock) await clock.advance(1);
  await expect(slept).resolves.toBe(true);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('a sleep until what is past ends at once; no timer is asked for a negative time, of which Node would warn', async () => {
  const timer = vi.spyOn(globalThis, 'setTimeout');
  try {
    await expect(systemClock().sleep(-5)).resolves.toBe(true);
    expect(timer.mock.calls.map(([, ms]) => ms)).toEqual([0]);
  } finally {
    timer.mockRestore();
  }
});

test('a sleep longer than a timer can hold does not end at once', async () => {
  vi.useFakeTimers();
  try {
    const day = 86_400_000;
    let ended = false;
    const slept = systemClock()
      .sleep(30 * day)
      .then(() => (ended = true));
    await vi.advanceTimersByTimeAsync(30 * day - 1);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await slept;
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('the fake clock wakes sleepers in the order of their time', async () => {
  const clock = new FakeClock();
  const woken: number[] = [];
  for (const ms of [30, 10, 20]) void clock.sleep(ms).then(() => woken.push(clock.monotonic()));
  await clock.advance(25);
  expect(woken).toEqual([10, 20]);
  expect(clock.sleeping).toBe(1);
});

test('a jump of the wall clock moves no timer', async () => {
  const clock = new FakeClock('2026-01-01T00:00:00Z');
  let woken = false;
  void clock.sleep(10).then(() => (woken = true));
  clock.jump(3_600_000);
  await clock.advance(9);
  expect(woken).toBe(false);
  expect(new Date(clock.now()).toISOString()).toBe('2026-01-01T01:00:00.009Z');
});

test('law: a uuid is of version 7, and a later millisecond sorts later', () => {
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
  const when = fc.integer({ min: 0, max: 2 ** 47 });
  fc.assert(
    fc.property(when, bytes, bytes, (ms, one, two) => {
      const id = uuidV7(ms, one);
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      expect(id < uuidV7(ms + 1, two)).toBe(true);
    }),
  );
});
