import type { ChainEvent, Consequences, Incident, SubscriptionSpec } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { incident } from '../fixtures/scene.ts';
import { configSchema } from './config.ts';
import { investigationCompleted } from './events.ts';
import { probeWake } from './probe-wake.ts';
import { readOrder } from './wake.ts';

const wakeId = '0192f000-0000-7000-8000-000000000001';

function wakeEvent(seq: number, at: string, given: Record<string, unknown> = {}): ChainEvent {
  return {
    seq,
    eventId: `event-${seq}`,
    type: 'probe.wake_requested',
    schemaVersion: 1,
    actorId: 'kora',
    runtimeId: 'runtime',
    sessionId: null,
    correlationId: null,
    causationId: null,
    ticketId: null,
    fence: null,
    occurredAt: at,
    hash: '00',
    payload: {
      wake_id: seq === 1 ? wakeId : `wake-${seq}`,
      incident_id: seq,
      probe: 'shop',
      probe_kind: 'http',
      target: 'http://127.0.0.1:4100/health',
      severity: 'critical',
      category: 'unreachable',
      title: 'shop is unreachable',
      detail: 'GET http://127.0.0.1:4100/health : connection refused',
      failing_since: '2026-11-21T10:02:10.000Z',
      last_good_at: null,
      snapshot: { failure: 'refused' },
      envelope: null,
      ...given,
    },
  };
}

/** The consumer as the runtime would drive it, over a scripted chain. */
async function consumer(config: unknown = {}, chain: ChainEvent[] = [], incidents: Incident[] = []) {
  const subscriptions: SubscriptionSpec[] = [];
  let readable = true;
  const daemon = probeWake({
    config: configSchema.parse(config),
    log: { info: () => {}, warn: () => {}, error: () => {} },
    subscribe: (subscription) => {
      subscriptions.push(subscription);
      return Promise.resolve({ dispose: () => Promise.resolve() });
    },
    probes: {
      list: () => Promise.resolve([]),
      history: () => Promise.resolve([]),
      incidents: () => Promise.resolve(incidents),
    },
    chain: {
      append: () => Promise.reject(new Error('the consumer appends nothing')),
      read: ({ type }) =>
        readable
          ? Promise.resolve(chain.filter((event) => event.type === type).toReversed())
          : Promise.reject(new Error('store is away')),
    },
  });
  await daemon.startup();
  const react = async (event: ChainEvent): Promise<Consequences> =>
    (await subscriptions[0]?.react(event)) ?? {};
  return { subscriptions, react, storeIs: (there: boolean) => (readable = there) };
}

describe('the wake consumer', () => {
  it('reads wakes under its own name, from now on', async () => {
    const { subscriptions } = await consumer();
    expect(subscriptions).toMatchObject([
      { consumer: 'probe_wake', types: expect.arrayContaining(['probe.wake_requested']) },
    ]);
    expect(subscriptions[0]?.from ?? 'now').toBe('now');
  });

  it('answers a wake with one ticket whose key is the wake', async () => {
    const { react } = await consumer();
    const { tickets } = await react(wakeEvent(1, '2026-11-21T10:02:40.000Z'));
    expect(tickets).toMatchObject([
      {
        kind: 'probe_investigation',
        idempotencyKey: wakeId,
        correlationId: wakeId,
        causationId: 'event-1',
        trusted: false,
        critical: true,
        payload: {
          wakeId,
          incidentId: 1,
          probe: 'shop',
          target: 'http://127.0.0.1:4100/health',
          category: 'unreachable',
          severity: 'critical',
        },
      },
    ]);
    expect(readOrder(tickets?.[0]?.payload ?? {})).toMatchObject({ wakeId, wakeSeq: 1 });
  });

  it('debounces the same fault, and remembers it over a restart', async () => {
    const first = wakeEvent(1, '2026-11-21T10:00:00.000Z');
    const soon = wakeEvent(2, '2026-11-21T10:09:59.000Z');
    const later = wakeEvent(3, '2026-11-21T10:10:00.000Z');
    const before = await consumer({}, [first]);
    expect((await before.react(first)).tickets).toHaveLength(1);
    const after = await consumer({}, [first, soon, later]);
    const spared = await after.react(soon);
    expect(spared.tickets).toBeUndefined();
    expect(spared.events).toMatchObject([
      { type: 'probe.investigation_completed', payload: { outcome: 'debounced', rung: 'none' } },
    ]);
    expect((await after.react(later)).tickets).toHaveLength(1);
  });

  it('says of every wake without an investigation what became of it, in a payload of the declared shape', async () => {
    const first = wakeEvent(1, '2026-11-21T10:00:00.000Z');
    const fix: ChainEvent = {
      ...first,
      seq: 4,
      type: 'tool.probe_autofix_attempted',
      payload: { probe: 'mail', outcome: 'mended', duration_ms: 5_000 },
    };
    const wakes = [
      first,
      wakeEvent(2, '2026-11-21T10:00:01.000Z', { probe: 'db', target: 'http://127.0.0.1:5432/' }),
      wakeEvent(3, '2026-11-21T10:01:00.000Z'),
      wakeEvent(5, '2026-11-21T10:00:20.000Z', { probe: 'mail', failing_since: '2026-11-21T10:00:10.000Z' }),
    ];
    const { react } = await consumer({}, [fix]);
    const ends: unknown[] = [];
    for (const wake of wakes) {
      for (const { payload, correlationId } of (await react(wake)).events ?? []) {
        expect(correlationId).toBe(payload['wake_id']);
        ends.push(investigationCompleted.payload.parse(payload));
      }
    }
    expect(ends).toMatchObject([
      { outcome: 'folded', folded_into: 1, probe: 'db' },
      { outcome: 'debounced', probe: 'shop' },
      { outcome: 'own_fix', probe: 'mail' },
    ]);
  });

  it('takes one event a hundred times and has one investigation of it (daemon defect W20)', async () => {
    const wake = wakeEvent(1, '2026-11-21T10:00:00.000Z');
    const { react } = await consumer({}, [wake]);
    const keys = new Set<string | undefined>();
    for (let tick = 0; tick < 100; tick += 1)
      for (const { idempotencyKey } of (await react(wake)).tickets ?? []) keys.add(idempotencyKey);
    expect([...keys]).toEqual([wakeId]);
  });

  it('gives what is not critical half a minute for its siblings', async () => {
    const { react } = await consumer();
    const mild = wakeEvent(1, '2026-11-21T10:00:00.000Z', { severity: 'warning' });
    expect((await react(mild)).tickets).toMatchObject([
      { notBefore: '2026-11-21T10:00:30.000Z', downshift: 'eligible', critical: false },
    ]);
    const critical = (await react(wakeEvent(2, '2026-11-21T10:00:01.000Z', { probe: 'db' }))).tickets;
    expect(critical).toMatchObject([{ payload: { incidentId: 2 } }]);
    expect(critical?.[0]?.notBefore).toBeUndefined();
  });

  it('gives the same answer when the transaction failed and the event comes again', async () => {
    const wake = wakeEvent(1, '2026-11-21T10:00:00.000Z');
    const { react } = await consumer({}, [wake]);
    expect(await react(wake)).toEqual(await react(wake));
  });

  it('investigates every wake when debounce is off', async () => {
    const wakes = [wakeEvent(1, '2026-11-21T10:00:00.000Z'), wakeEvent(2, '2026-11-21T10:00:01.000Z')];
    const { react } = await consumer({ debounceSeconds: 0 }, wakes);
    for (const wake of wakes) expect((await react(wake)).tickets).toHaveLength(1);
  });

  it('fails while the store is away, and works again when it is back', async () => {
    const wake = wakeEvent(1, '2026-11-21T10:00:00.000Z');
    const { react, storeIs } = await consumer({}, [wake]);
    storeIs(false);
    await expect(react(wake)).rejects.toThrow('store is away');
    storeIs(true);
    expect((await react(wake)).tickets).toHaveLength(1);
  });

  it('refuses an event that holds no wake, so that it is parked and shown', async () => {
    const { react } = await consumer();
    const event = wakeEvent(7, '2026-11-21T10:00:00.000Z', { incident_id: 'soon' });
    await expect(react(event)).rejects.toMatchObject({
      code: 'PLUGIN_PROBES_WAKE_INVALID',
      fix: 'kora event show 7',
    });
  });
});

describe('an incident that was over before its turn came', () => {
  const wake = wakeEvent(1, '2026-11-21T10:00:00.000Z');
  const left = (outcome: string): ChainEvent => ({
    ...wake,
    seq: 5,
    type: investigationCompleted.type,
    payload: { wake_id: wakeId, incident_id: 1, outcome },
  });
  const back: ChainEvent = {
    ...wake,
    seq: 6,
    type: 'probe.incident_reopened',
    payload: { wake_id: wakeId, incident_id: 1 },
  };

  it('has its investigation when it comes back, once, whichever is heard of first', async () => {
    const chain = [wake, left('recovered')];
    const { react } = await consumer({}, chain, [incident({ incidentId: 1 })]);
    const key = `${wakeId}:5`;
    expect((await react(back)).tickets).toMatchObject([{ idempotencyKey: key, payload: { wakeId } }]);
    expect((await react(left('recovered'))).tickets).toMatchObject([{ idempotencyKey: key }]);
  });

  it('has none while it is over, and none when it was looked into', async () => {
    const { react } = await consumer({}, [wake, left('open')]);
    expect(await react(left('recovered'))).toEqual({});
    expect(await react(left('open'))).toEqual({});
    expect(await react(back)).toEqual({});
  });
});

describe('the order of an investigation', () => {
  it('names the keys that are wrong', () => {
    expect(() => readOrder({ wakeId, incidentId: 'one' })).toThrow(/incidentId/);
  });
});
