import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { EventDraft } from './chain/index.ts';
import { FakeClock } from './clock/index.ts';
import { Scope } from './scope/index.ts';
import { pluginOfStack, watchUncaught } from './uncaught.ts';
import type { Culprit } from './uncaught.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A runtime in a process whose errors the test throws. */
function bench(source: EventEmitter = new EventEmitter()) {
  const store = { away: false };
  const clock = new FakeClock();
  const scope = new Scope('runtime');
  const events: EventDraft[] = [];
  const dead: string[] = [];
  const erred: string[] = [];
  const culprits = new Map<unknown, Culprit>();
  const ports = {
    clock,
    scope,
    log: quiet,
    whose: (error: unknown) => culprits.get(error),
    died: (daemon: string) => void dead.push(daemon),
    erred: (plugin: string) => void erred.push(plugin),
    record: async (drafts: readonly EventDraft[]) => {
      if (store.away) throw new Error('the store is away');
      events.push(...drafts);
    },
  };
  watchUncaught(ports, source);
  onTestFinished(() => scope.dispose());
  const blame = (plugin: string, daemon?: string): Error => {
    const error = new Error(`${plugin} broke`);
    culprits.set(error, { plugin, daemon });
    return error;
  };
  return { source, clock, scope, store, events, dead, erred, blame };
}

test('an error of a plugin is recorded, counted and ends its daemon; the house goes on', async () => {
  const { source, clock, events, dead, erred, blame } = bench();
  source.emit('uncaughtException', blame('tide', 'ticker'));
  await clock.advance(0);
  expect(events).toMatchObject([
    {
      type: 'kora.plugin.error',
      payload: { plugin: 'tide', daemon: 'ticker', count: 1, error: 'tide broke' },
    },
  ]);
  expect([dead, erred]).toEqual([['ticker'], ['tide']]);
});

test('a plugin that throws a thousand times a second is told of once, and then with the count', async () => {
  const { source, clock, events, erred, blame } = bench();
  const error = blame('tide');
  for (let n = 0; n < 1_000; n += 1) source.emit('uncaughtException', error);
  await clock.advance(0);
  source.emit('uncaughtException', blame('moon'));
  await clock.advance(10_000);
  await clock.advance(10_000);
  const told = events.map(({ payload }) => [payload['plugin'], payload['count']]);
  expect(told).toEqual([
    ['tide', 1],
    ['moon', 1],
    ['tide', 999],
  ]);
  expect(erred).toHaveLength(1_001);
  source.emit('uncaughtException', error);
  await clock.advance(0);
  expect(events).toHaveLength(4);
});

test('an error that could not be recorded keeps nobody from hearing of the next', async () => {
  const { source, clock, store, events, blame } = bench();
  const error = blame('tide');
  store.away = true;
  source.emit('uncaughtException', error);
  await clock.advance(10_000);
  store.away = false;
  source.emit('uncaughtException', error);
  await clock.advance(10_000);
  expect(events.map(({ payload }) => payload['count'])).toEqual([1]);
});

test('two runtimes in one process are asked in turn, and the last that goes takes the listener with it', async () => {
  const one = bench();
  const two = bench(one.source);
  expect(one.source.listenerCount('uncaughtException')).toBe(1);
  one.source.emit('uncaughtException', two.blame('tide'));
  await two.clock.advance(0);
  expect([one.events.length, two.events.length]).toEqual([0, 1]);
  await one.scope.dispose();
  expect(one.source.listenerCount('uncaughtException')).toBe(1);
  await two.scope.dispose();
  expect(one.source.listenerCount('uncaughtException')).toBe(0);
});

test('the files that an error came by name its plugin', () => {
  const plugins = [
    { id: 'tide', directory: '/srv/node_modules/tide' },
    { id: 'tide-two', directory: '/srv/node_modules/tide-two' },
  ];
  const thrown = new Error('no');
  thrown.stack =
    'Error: no\n    at run (node:internal/x)\n    at go (file:///srv/node_modules/tide-two/a.js:1:2)';
  expect(pluginOfStack(thrown, plugins)).toBe('tide-two');
  expect(pluginOfStack(new Error('ours'), plugins)).toBeUndefined();
  expect(pluginOfStack('text', plugins)).toBeUndefined();
});
