import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { coordinatorView } from '../daemon/testing/view.ts';
import { pluginNow } from './attribution.ts';
import { measuredServices } from './measured-services.ts';
import { ScriptedHouse } from './testing/scripted-house.ts';
import { Meter } from './usage.ts';

function meter(shares = true): { readonly meter: Meter; readonly clock: FakeClock; hold(ms: number): void } {
  const clock = new FakeClock();
  let held = 0;
  const timed = Object.assign(clock, { monotonic: () => held });
  return { meter: new Meter(timed, 'tide', { shares }), clock, hold: (ms) => void (held += ms) };
}

test('in-process: each call is counted with how long its beginning held the loop; what cannot be known is null', async () => {
  const { meter: own, hold } = meter();
  expect(own.usage()).toEqual({
    cpuMs: null,
    loopMs: 0,
    residentMb: null,
    eventLoopDelayMs: null,
    logLines: 0,
    logBytes: 0,
    dropped: 0,
    calls: 0,
    errors: 0,
    crashes: 0,
    restarts: 0,
  });
  for (const ms of [1, 2, 3]) own.call(() => hold(ms));
  await own.call(async () => {
    hold(40);
    await Promise.resolve();
    // Held by somebody: it cannot be told by whom, so it is nobody's.
    hold(1_000);
  });
  const { calls, loopMs, eventLoopDelayMs } = own.usage();
  expect({ calls, loopMs }).toEqual({ calls: 4, loopMs: 46 });
  expect(eventLoopDelayMs?.p50).toBeCloseTo(2, 1);
  expect(eventLoopDelayMs?.p99).toBeCloseTo(40, 0);
  expect(eventLoopDelayMs?.max).toBeCloseTo(40, 0);
});

test('what fails is counted once, whether it throws, rejects or goes wrong where nobody waits', async () => {
  const { meter: own } = meter();
  expect(() =>
    own.call(() => {
      throw new Error('now');
    }),
  ).toThrow('now');
  await expect(own.call(() => Promise.reject(new Error('later')))).rejects.toThrow('later');
  own.erred();
  expect(own.usage()).toMatchObject({ calls: 2, errors: 3 });
});

test('lines and their size are counted as they reach the log', () => {
  const { meter: own } = meter();
  const house = new ScriptedHouse();
  const log = own.over(house.log);
  log.info('höh');
  log.warn('de', { f: 1 });
  own.wrote('dropped');
  expect(house.lines).toHaveLength(2);
  expect(own.usage()).toMatchObject({ logLines: 3, logBytes: 4 + 2 + '{"f":1}'.length, dropped: 1 });
});

test('processor time is that of all its processes; memory and loop are those of the one that runs', () => {
  const { meter: own } = meter(false);
  const loop = { p50: 0, p99: 4, max: 9 };
  own.started();
  own.looked({ cpuMs: 120, residentMb: 60, eventLoopDelayMs: loop });
  expect(own.usage()).toMatchObject({
    cpuMs: 120,
    loopMs: null,
    residentMb: 60,
    eventLoopDelayMs: loop,
    restarts: 0,
  });
  own.ended({ crashed: true });
  expect(own.usage()).toMatchObject({ cpuMs: 120, residentMb: null, eventLoopDelayMs: null, crashes: 1 });
  own.started();
  own.looked({ cpuMs: 30, residentMb: 50, eventLoopDelayMs: null });
  expect(own.usage()).toMatchObject({ cpuMs: 150, residentMb: 50, crashes: 1, restarts: 1 });
});

/** As an author may write it: an object of a class, whose data and functions lie on different levels. */
class Ticker {
  readonly name = 'ticker';
  readonly ran: (string | undefined)[] = [];
  readonly periodicTasks = [
    {
      name: 'tick',
      cadence: { everyMs: 1_000 },
      purpose: 'observe' as const,
      run: async (): Promise<void> => void this.ran.push(pluginNow()),
    },
  ];
  get livenessMs(): number {
    return 5_000;
  }
  async startup(): Promise<void> {
    this.ran.push(pluginNow());
  }
  async shutdown(): Promise<void> {
    await Promise.resolve();
  }
}

test('what a plugin registers runs under its name, and what it asks for does not', async () => {
  const { meter: own } = meter();
  const house = new ScriptedHouse();
  const services = measuredServices(house.services({ id: 'tide', trusted: true }), own);
  const ticker = new Ticker();
  await services.registerBackgroundDaemon(ticker);
  const entry = house.daemons.get('ticker');
  expect(entry).toMatchObject({ name: 'ticker', livenessMs: 5_000 });
  const signal = new AbortController().signal;
  await entry?.startup(coordinatorView({ signal }));
  await entry?.periodicTasks?.[0]?.run({ signal, scheduledAt: '' });
  expect(ticker.ran).toEqual(['tide', 'tide']);
  expect(own.usage().calls).toBe(2);

  let inside: string | undefined = 'nobody asked';
  const asked = measuredServices(
    {
      ...house.services({ id: 'tide', trusted: true }),
      tickets: {
        add: async () => {
          inside = pluginNow();
          return { ticketId: 1 };
        },
      },
    },
    own,
  );
  await own.call(() => asked.tickets.add({ kind: 'k', title: 't' }));
  expect(inside).toBeUndefined();
});
