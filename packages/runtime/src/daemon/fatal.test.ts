import { expect, test } from 'vitest';
import { KoraError } from '../fault/index.ts';
import { isFatal, registeredDaemon } from './registry.ts';
import type { RegisteredDaemon } from './registry.ts';
import { daemonBench } from './testing/daemons.ts';

const entry: RegisteredDaemon = {
  name: 'a',
  pluginName: 'p',
  trusted: true,
  startup: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const fails = (): Promise<never> => Promise.reject(new Error('no port'));

// The predecessor's four cases of looking a daemon up.
test.each([
  ['found, and says so', () => ({ ...entry, fatalOnStartupFailure: true }), true],
  ['found, and says nothing', () => entry, false],
  ['not found', () => undefined, true],
  [
    'not to be looked up',
    () => {
      throw new Error('the registry is broken');
    },
    true,
  ],
])('the fatal flag of a daemon that is %s (daemon defect §20.1 W7)', (_, lookUp, fatal) => {
  expect(isFatal(lookUp, 'a')).toBe(fatal);
});

test('the flag of an untrusted plugin is ignored, and recorded as that', async () => {
  const { daemon, coordinator, events, alerts } = daemonBench();
  daemon('guest', { fatalOnStartupFailure: true, trusted: false, startup: fails });
  await coordinator.startFatal();
  expect(coordinator.list()).toMatchObject([{ state: 'registered', fatalIgnored: true }]);
  await coordinator.startRest();
  expect(events).toMatchObject([
    { type: 'kora.daemon.failed', payload: { fatal: false, fatal_ignored: true } },
  ]);
  expect(alerts).toHaveLength(1);
});

test.each([
  ['vanished', () => undefined, /vanishing.*there is no daemon vanishing/],
  [
    'cannot be looked up',
    () => {
      throw new Error('the registry is broken');
    },
    /vanishing.*the registry is broken/,
  ],
])('a daemon whose entry %s before it is started ends the boot, in reverse', async (_, lookUp, says) => {
  const bench = daemonBench();
  const { registry } = bench;
  bench.daemon('first', { fatalOnStartupFailure: true });
  bench.daemon('vanishing');
  const broken = daemonBench({
    registry: {
      list: () => registry.list(),
      byName: (name) => (name === 'vanishing' ? lookUp() : registry.byName(name)),
      unregister: (name) => registry.unregister(name),
      changes: 1,
    },
  });
  await expect(broken.coordinator.startFatal()).rejects.toMatchObject({
    code: 'KORA_DAEMON_START',
    message: expect.stringMatching(says) as string,
  });
  expect(bench.log).toEqual(['+first', '-first']);
});

test('what a fatal daemon needs is started before it, fatal or not, and the rest later', async () => {
  const { daemon, coordinator, log } = daemonBench();
  daemon('other');
  daemon('engine', { fatalOnStartupFailure: true, dependsOn: ['pool'] });
  daemon('pool', { dependsOn: ['net'] });
  daemon('net');
  await coordinator.startFatal();
  expect(log).toEqual(['+net', '+pool', '+engine']);
  await coordinator.startRest();
  expect(log.at(-1)).toBe('+other');
});

test('a fatal daemon that needs one which does not start ends the boot, and says which', async () => {
  const { daemon, coordinator, log, alerts } = daemonBench();
  daemon('net');
  daemon('pool', { startup: fails, dependsOn: ['net'] });
  daemon('engine', { fatalOnStartupFailure: true, dependsOn: ['pool'] });
  await expect(coordinator.startFatal()).rejects.toThrow(
    'fatal daemon engine of plugin p: it needs pool, which did not start',
  );
  expect(log).toEqual(['+net', '-pool', '-net']);
  expect(alerts.map(({ title }) => title)).toEqual(['Daemon pool did not start']);
});

test('what a fatal daemon says would mend it is said of the boot; else where to look, with no runtime to ask', async () => {
  const said = daemonBench();
  const mend = new KoraError('PLUGIN_X', 'it contradicts itself', {
    fix: 'mend plugins.config.x in kora.json',
  });
  said.daemon('engine', { fatalOnStartupFailure: true, startup: () => Promise.reject(mend) });
  await expect(said.coordinator.startFatal()).rejects.toMatchObject({
    code: 'KORA_DAEMON_START',
    fix: 'mend plugins.config.x in kora.json',
  });
  const unsaid = daemonBench();
  unsaid.daemon('engine', { fatalOnStartupFailure: true, startup: fails });
  await expect(unsaid.coordinator.startFatal()).rejects.toMatchObject({ fix: 'kora doctor' });
});

test('an entry may be an object of any class; what is no entry is refused by name', () => {
  class Ticker {
    readonly name = 'ticker';
    readonly #log: string[] = [];
    startup(): Promise<void> {
      this.#log.push('+');
      return Promise.resolve();
    }
    shutdown(): Promise<void> {
      this.#log.push('-');
      return Promise.resolve();
    }
    get lines(): string[] {
      return this.#log;
    }
  }
  const ticker = new Ticker();
  const { registry } = daemonBench();
  const owner = { pluginName: 'tide', trusted: false };
  const daemon = registeredDaemon(ticker, owner);
  registry.register(daemon);
  void daemon.shutdown();
  expect(ticker.lines).toEqual(['-']);

  const missing = { name: 'half', startup: entry.startup } as never;
  expect(() => registeredDaemon(missing, owner)).toThrow(
    'daemon "half" (tide) has no startup or no shutdown',
  );
  expect(() => registry.register({ ...entry, scope: 'planet' as never })).toThrow(
    'neither runtime nor fleet',
  );
  expect(() => registry.register({ ...entry, livenessMs: 5 })).toThrow('a livenessMs under 100');
  expect(() => registry.register({ ...entry, shutdownTimeoutMs: 0 })).toThrow('a shutdownTimeoutMs under 1');
});
