import type { ChainEvent, EventDraft, EventQuery, NewMessage, ProbeSpec } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { chainEvent } from '../../fixtures/scene.ts';
import { configSchema } from '../config.ts';
import { canaryCompleted, canaryMissed, canaryPutOff } from '../events.ts';
import { runCanary, wayMs } from './run.ts';
import { canaryTasks, watch } from './tasks.ts';

const began = Date.parse('2026-11-21T05:33:00.000Z');
const never = new AbortController().signal;

/** What the rest of Kora does about the canary, one step for each second that passes. */
type Step = (town: Town) => void;

interface Town {
  readonly events: ChainEvent[];
  readonly told: NewMessage[];
  readonly probes: ProbeSpec[];
  now: number;
  quiet: boolean;
  tell(type: string, payload: Record<string, unknown>): void;
}

/** A house whose clock passes when it is slept, and whose loop is a script. */
function house(steps: readonly Step[] = [], events: ChainEvent[] = [], stopAfter = Number.POSITIVE_INFINITY) {
  let slept = 0;
  const town: Town = {
    events,
    told: [],
    probes: [],
    now: began,
    quiet: false,
    tell: (type, payload) => {
      const event = chainEvent(events.length + 1, type, '05:33:00', payload);
      events.push({ ...event, occurredAt: new Date(town.now).toISOString() });
    },
  };
  const context = {
    chain: {
      append: (draft: EventDraft) => Promise.resolve(town.tell(draft.type, { ...draft.payload })),
      read: ({ after = 0, type, order, limit = 100 }: EventQuery) => {
        const found = events.filter(
          (event) =>
            event.seq > after &&
            (type === undefined || event.type === type || event.type.startsWith(`${type}.`)),
        );
        return Promise.resolve((order === 'desc' ? found.toReversed() : found).slice(0, limit));
      },
    },
    clock: {
      now: () => town.now,
      sleep: (ms: number) => {
        town.now += ms;
        steps[slept]?.(town);
        slept += 1;
        return Promise.resolve(slept < stopAfter);
      },
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    notify: {
      send: (message: NewMessage) => Promise.resolve(void town.told.push(message)),
      isQuiet: () => Promise.resolve(town.quiet),
    },
    registerProbe: (spec: ProbeSpec) => {
      town.probes.push(spec);
      return Promise.resolve({ dispose: () => Promise.resolve(void town.probes.splice(0)) });
    },
    config: configSchema.parse({}),
  };
  return { town, context };
}

const wake: Step = (town) =>
  town.tell('probe.wake_requested', { probe: 'canary', wake_id: 'w', incident_id: 3 });
const message =
  (id: number, key: string): Step =>
  (town) => {
    town.tell('notification.accepted', { message_id: id, key, thread: 'incident:3' });
    town.tell('notification.delivered', { message_id: id });
  };
const investigated: Step = (town) => town.tell('probe.investigation_completed', { wake_id: 'w' });
const over: Step = (town) => town.tell('probe.incident_resolved', { wake_id: 'w' });
const whole: readonly Step[] = [
  wake,
  message(1, 'incident:3:open'),
  investigated,
  message(2, 'investigation:w'),
  over,
  message(3, 'incident:3:resolve:2'),
];

describe('the canary', () => {
  it('travels from probe to operator and back, is timed, and leaves nothing behind', async () => {
    const { town, context } = house(whole);
    expect(await runCanary(context, 'day-1', never)).toBe(true);
    expect(town.probes).toEqual([]);
    expect(town.told).toEqual([]);
    const [first, last] = [town.events[0], town.events.at(-1)];
    expect(first).toMatchObject({ type: 'probe.canary_started', payload: { canary_id: 'day-1' } });
    expect(last?.type).toBe(canaryCompleted.type);
    expect(canaryCompleted.payload.parse(last?.payload)).toEqual({
      canary_id: 'day-1',
      noticed_ms: 1_000,
      told_ms: 2_000,
      investigated_ms: 3_000,
      over_ms: 6_000,
    });
  });

  it('fails until it was investigated and told, and is good from then on', async () => {
    const seen: string[] = [];
    const look: Step = ({ probes }) => {
      for (const probe of probes) void probe.check(never).then(({ status }) => seen.push(status));
    };
    const { context } = house(whole.map((step) => (town) => (look(town), step(town))));
    await runCanary(context, 'day-1', never);
    expect(seen).toEqual(['degraded', 'degraded', 'degraded', 'degraded', 'healthy', 'healthy']);
  });

  it.each([
    [0, 'noticed'],
    [1, 'told'],
    [2, 'investigated'],
    [3, 'findings_told'],
    [4, 'over'],
    [5, 'over_told'],
  ])('that comes %i steps far alarms, and says at which stage it was lost: %s', async (count, stage) => {
    const { town, context } = house(whole.slice(0, count));
    expect(await runCanary(context, 'day-1', never)).toBe(false);
    expect(town.now - began).toBe(wayMs);
    expect(town.told).toMatchObject([
      { key: `canary:day-1:${stage}`, severity: 'critical', thread: 'canary' },
    ]);
    const last = town.events.at(-1);
    expect(last?.type).toBe(canaryMissed.type);
    expect(canaryMissed.payload.parse(last?.payload)).toEqual({ canary_id: 'day-1', stage });
    expect(town.probes).toEqual([]);
  });

  it('takes no other incident for its own', async () => {
    const others: readonly Step[] = [
      (town) => town.tell('probe.wake_requested', { probe: 'shop', wake_id: 'x', incident_id: 9 }),
      (town) => town.tell('probe.investigation_completed', { wake_id: 'x' }),
      (town) => town.tell('probe.incident_resolved', { wake_id: 'x' }),
    ];
    const { town, context } = house(others);
    expect(await runCanary(context, 'day-1', never)).toBe(false);
    expect(town.told).toMatchObject([{ key: 'canary:day-1:noticed' }]);
  });

  it('that is called off says nothing', async () => {
    const { town, context } = house([], [], 1);
    expect(await runCanary(context, 'day-1', never)).toBeUndefined();
    expect(town.told).toEqual([]);
    expect(town.probes).toEqual([]);
  });
});

describe('the watch over the canary', () => {
  const hours = (count: number): number => count * 3_600_000;
  const completedAt = (time: number): ChainEvent => ({
    ...chainEvent(1, canaryCompleted.type, '05:33:00'),
    occurredAt: new Date(time).toISOString(),
  });

  it.each([
    ['one came through a day ago', [completedAt(began - hours(24))], hours(100), false],
    ['none came through for longer than a day', [completedAt(began - hours(27))], hours(100), true],
    ['none ever came, and Kora is young', [], hours(25), false],
    ['none ever came, and Kora is not', [], hours(27), true],
  ])('%s', async (_, events, upFor, alarms) => {
    const { town, context } = house([], [...events]);
    expect(await watch(context, began - upFor)).toBe(alarms);
    expect(town.told.map(({ key }) => key)).toEqual(alarms ? ['canary:absent:2026-11-21'] : []);
  });

  it('says nothing about days on which Kora was held', async () => {
    const cleared = { ...completedAt(began - hours(1)), seq: 2, type: 'kora.hold.cleared' };
    const { town, context } = house([], [completedAt(began - hours(60)), cleared]);
    expect(await watch(context, began - hours(100))).toBe(false);
    expect(town.told).toEqual([]);
  });
});

describe('a maintenance window', () => {
  const window = (probe: string | null, from: number, to: number): ChainEvent =>
    chainEvent(1, 'probe.window_added', '05:00:00', {
      window_id: 4,
      probe,
      starts_at: new Date(from).toISOString(),
      ends_at: new Date(to).toISOString(),
    });
  const ended = chainEvent(2, 'probe.window_ended', '05:30:00', { window_id: 4, probe: null });
  const hour = 3_600_000;

  it.each([
    ['over everything, now, lets it wait', [window(null, began - hour, began + hour)], 'noop'],
    ['over another probe does not', [window('shop', began - hour, began + hour)], 'ok'],
    ['that is over does not', [window(null, began - 2 * hour, began - hour)], 'ok'],
    ['that was ended before its time does not', [window(null, began - hour, began + hour), ended], 'ok'],
  ] as const)('%s', async (_, events, outcome) => {
    const { town, context } = house(whole, [...events]);
    const [task] = canaryTasks(context, began);
    expect(await task?.run({ signal: never, scheduledAt: 'day-1' })).toBe(outcome);
    expect(town.told).toEqual([]);
  });

  it('over everything within the last day is no reason to alarm', async () => {
    const { context } = house([], [window(null, began - 20 * hour, began - 19 * hour)]);
    expect(await watch(context, began - 100 * hour)).toBe(false);
  });
});

describe('its tasks', () => {
  it('are once in the fleet, and stop with every hold', () => {
    const { context } = house();
    expect(canaryTasks(context, began)).toMatchObject([
      {
        name: 'probe_canary',
        cadence: { cron: '33 5 * * *' },
        purpose: 'act',
        scope: 'fleet',
        catchUp: 'once',
      },
      { name: 'probe_canary_watch', purpose: 'act', scope: 'fleet' },
    ]);
  });

  it.each([
    ['05:30:00', 'noop'],
    ['05:20:00', 'ok'],
  ] as const)(
    'let none follow another at once, whose incident would be the same: %s, %s',
    async (at, outcome) => {
      const { town, context } = house(whole, [chainEvent(1, canaryCompleted.type, at)]);
      const [task] = canaryTasks(context, began);
      expect(await task?.run({ signal: never, scheduledAt: 'day-1' })).toBe(outcome);
      expect(town.told).toEqual([]);
    },
  );

  it('put one off in quiet hours, in which its messages would wait, and let it go when they are over', async () => {
    const { town, context } = house([() => {}, ...whole]);
    const [daily, watching] = canaryTasks(context, began);
    const run = async (task: typeof daily) => task?.run({ signal: never, scheduledAt: 'day-1' });
    town.quiet = true;
    expect(await run(daily)).toBe('ok');
    expect(await run(watching)).toBe('noop');
    expect(town.events.map(({ type }) => type)).toEqual([canaryPutOff.type]);
    town.quiet = false;
    town.now += 3_600_000;
    expect(await run(watching)).toBe('ok');
    expect(town.events.at(-1)?.type).toBe(canaryCompleted.type);
    expect(await run(watching)).toBe('noop');
    expect(town.told).toEqual([]);
  });

  it('do nothing where it is switched off', async () => {
    const { town, context } = house();
    const off = { ...context, config: configSchema.parse({ canary: { enabled: false } }) };
    for (const task of canaryTasks(off, 0))
      expect(await task.run({ signal: never, scheduledAt: '2026-11-21T05:33:00.000Z' })).toBe('noop');
    expect(town.events).toEqual([]);
  });
});
