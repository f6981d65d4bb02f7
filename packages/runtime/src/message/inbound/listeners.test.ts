import { expect, onTestFinished, test } from 'vitest';
import type { EventDraft } from '../../chain/index.ts';
import { FakeClock } from '../../clock/index.ts';
import type { ChannelSpec, InboundDoor } from '../contract.ts';
import { Listeners } from './listeners.ts';

const door = {} as InboundDoor;

interface Bench {
  readonly clock: FakeClock;
  readonly listeners: Listeners;
  readonly told: EventDraft[];
  readonly stop: () => Promise<void>;
}

function bench(): Bench {
  const clock = new FakeClock();
  const told: EventDraft[] = [];
  const record = (drafts: readonly EventDraft[]): Promise<void> => {
    told.push(...drafts);
    return Promise.resolve();
  };
  const listeners = new Listeners({ clock, record, door: () => door, onError: () => undefined });
  const stopping = new AbortController();
  const running = listeners.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await clock.advance(10_000);
    await running;
  };
  onTestFinished(stop);
  return { clock, listeners, told, stop };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const channel = (listen: NonNullable<ChannelSpec['listen']>): ChannelSpec => ({
  name: 'slack',
  send: () => Promise.resolve({ receipt: 'r' }),
  listen,
});

test('a channel is listened at with its own door until it goes, and one that hears nothing is left alone', async () => {
  const { clock, listeners } = bench();
  const doors: InboundDoor[] = [];
  let isOver = false;
  const leave = listeners.register(
    channel(async (given, signal) => {
      doors.push(given);
      await untilAborted(signal);
      isOver = true;
    }),
  );
  listeners.register({ name: 'deaf', send: () => Promise.resolve({ receipt: 'r' }) });
  await clock.advance(1_000);
  expect(listeners.list()).toMatchObject([{ channel: 'slack', state: 'listening', failures: 0 }]);
  expect(doors).toEqual([door]);
  await leave();
  expect([isOver, listeners.list()]).toEqual([true, []]);
});

test('one that fails is down, told once, tried again with growing pauses, and up when it has listened a while', async () => {
  const { clock, listeners, told } = bench();
  const tries: number[] = [];
  listeners.register(
    channel(async (_door, signal) => {
      tries.push(clock.monotonic());
      if (tries.length <= 4) throw new Error(`refused ${tries.length}`);
      await untilAborted(signal);
    }),
  );
  await clock.advance(100);
  expect(listeners.list()).toMatchObject([{ state: 'down', failures: 1, error: 'refused 1' }]);
  for (let n = 0; n < 40; n += 1) await clock.advance(1_000);
  const pauses = tries.slice(1).map((at, n) => at - (tries[n] ?? 0));
  expect(pauses).toHaveLength(4);
  for (const [n, pause] of pauses.entries()) {
    expect(pause).toBeGreaterThanOrEqual(500 * 2 ** n);
    expect(pause).toBeLessThanOrEqual(1_000 * 2 ** n);
  }
  for (let n = 0; n < 40; n += 1) await clock.advance(1_000);
  expect(listeners.list()).toMatchObject([{ state: 'listening', failures: 0, error: null }]);
  expect(told.map(({ type }) => type)).toEqual(['kora.channel.deaf', 'kora.channel.hears']);
});

test('one that stops by itself is down, too; one that does not hear its end is left behind', async () => {
  const { clock, listeners, stop } = bench();
  listeners.register(channel(() => Promise.resolve()));
  await clock.advance(100);
  expect(listeners.list()).toMatchObject([
    { state: 'down', error: 'channel slack stopped listening by itself' },
  ]);
  listeners.register({ ...channel(() => new Promise(() => undefined)), name: 'stubborn' });
  await clock.advance(100);
  await stop();
  expect(listeners.list().map(({ state }) => state)).toEqual(['idle', 'idle']);
});
