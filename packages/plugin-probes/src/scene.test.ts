import type { ChainEvent, EventQuery } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import { at, chainEvent, incident, look, scene, state, wakeId } from '../fixtures/scene.ts';
import { readScene } from './scene.ts';
import type { SceneContext } from './scene.ts';

const order = scene().order;
const never = new AbortController().signal;

function wakeEvent(seq: number): ChainEvent {
  return chainEvent(seq, 'probe.wake_requested', '10:02:40', {
    wake_id: wakeId,
    incident_id: 7,
    probe: 'shop',
    probe_kind: 'http',
    target: order.target,
    severity: 'critical',
    category: 'unreachable',
    title: 'shop is unreachable',
    detail: 'connection refused',
    failing_since: at('10:02:10'),
    last_good_at: at('10:01:40'),
    snapshot: { failure: 'refused' },
    envelope: null,
  });
}

/** A chain that answers as the runtime's does: after, type as prefix, order, limit. */
function reading(chain: readonly ChainEvent[], given: Partial<SceneContext['probes']> = {}) {
  const queries: EventQuery[] = [];
  const context: SceneContext = {
    clock: { now: () => Date.parse(at('10:02:45')), sleep: () => Promise.resolve(true) },
    chain: {
      append: () => Promise.resolve(),
      read: (query) => {
        queries.push(query);
        const { after = 0, type, limit = 100 } = query;
        const found = chain.filter(
          (event) =>
            event.seq > after &&
            (type === undefined || event.type === type || event.type.startsWith(`${type}.`)),
        );
        return Promise.resolve((query.order === 'desc' ? found.toReversed() : found).slice(0, limit));
      },
    },
    probes: {
      list: () => Promise.resolve([state()]),
      incidents: () => Promise.resolve([incident({ incidentId: 6, openedAt: at('09:00:00') }), incident()]),
      history: () => Promise.resolve([look('10:02:10', { status: 'unreachable' })]),
      ...given,
    },
  };
  return { context, queries };
}

describe('the scene', () => {
  it('finds wake and incident, and orders incidents newest first', async () => {
    const { context } = reading([chainEvent(1, 'kora.boot.ready', '10:00:00'), wakeEvent(2)]);
    const read = await readScene(context, { ...order, wakeSeq: 2 }, never);
    expect(read.wake).toMatchObject({
      seq: 2,
      detail: 'connection refused',
      details: { failure: 'refused' },
    });
    expect(read.incident?.incidentId).toBe(7);
    expect(read.incidents.map(({ incidentId }) => incidentId)).toEqual([7, 6]);
    expect(read).toMatchObject({ failingSince: at('10:02:10'), lastGoodAt: at('10:01:40') });
  });

  it('finds the wake of a ticket that does not say where it lies', async () => {
    const { context } = reading([wakeEvent(1)]);
    expect((await readScene(context, { ...order, wakeSeq: null }, never)).wake?.seq).toBe(1);
  });

  it('takes no other wake for its own, and lives without one', async () => {
    const { context } = reading([chainEvent(1, 'probe.wake_requested', '10:02:40', {})]);
    const read = await readScene(context, { ...order, wakeSeq: 1 }, never);
    expect(read.wake).toBeNull();
    expect(read.failingSince).toBe(at('10:02:10'));
  });

  it('knows no incident that the runtime does not know', async () => {
    const { context } = reading([], { incidents: () => Promise.resolve([]) });
    const read = await readScene(context, order, never);
    expect(read).toMatchObject({ wake: null, incident: null, failingSince: null, lastGoodAt: null });
  });

  it('takes the quarter of an hour before the failure, and nothing after', async () => {
    const { context } = reading([
      chainEvent(1, 'kora.boot.ready', '09:47:09'),
      chainEvent(2, 'kora.hold.added', '09:47:10'),
      chainEvent(3, 'kora.hold.cleared', '10:02:10'),
      chainEvent(4, 'kora.hold.added', '10:02:11'),
      wakeEvent(5),
      chainEvent(6, 'kora.hold.cleared', '10:02:41'),
    ]);
    const { changes } = await readScene(context, { ...order, wakeSeq: 5 }, never);
    expect(changes.events.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(changes.readFrom).toBeLessThanOrEqual(changes.wantedFrom);
  });

  it('steps back over a busy chain until it has the window', async () => {
    const busy = Array.from({ length: 3_500 }, (_, index) =>
      chainEvent(index + 2, 'kora.sea_ticket.resolved', '10:01:00'),
    );
    const { context } = reading([chainEvent(1, 'kora.boot.ready', '09:50:00'), ...busy, wakeEvent(3_502)]);
    const { changes } = await readScene(context, { ...order, wakeSeq: 3_502 }, never);
    expect(changes.events.some(({ type }) => type === 'kora.boot.ready')).toBe(true);
    expect(changes.readFrom).toBeLessThanOrEqual(changes.wantedFrom);
  });

  it('stops after ten steps, and says how far it came', async () => {
    const busy = Array.from({ length: 12_000 }, (_, index) =>
      chainEvent(index + 1, 'kora.sea_ticket.resolved', '10:01:00'),
    );
    const { context, queries } = reading([...busy, wakeEvent(12_001)]);
    const { changes } = await readScene(context, { ...order, wakeSeq: 12_001 }, never);
    expect(queries.filter(({ limit }) => limit === 1_000)).toHaveLength(10);
    expect(changes.readFrom).toBe(Date.parse(at('10:01:00')));
    expect(changes.readFrom).toBeGreaterThan(changes.wantedFrom);
  });

  it('does not take the youth of a chain for a gap', async () => {
    const { context } = reading([chainEvent(1, 'kora.boot.ready', '10:01:00'), wakeEvent(2)]);
    const { changes } = await readScene(context, { ...order, wakeSeq: 2 }, never);
    expect(changes.readFrom).toBeLessThanOrEqual(changes.wantedFrom);
  });

  it('stops when the ticket is taken away', async () => {
    const { context } = reading([wakeEvent(1)]);
    await expect(readScene(context, order, AbortSignal.abort(new Error('lease lost')))).rejects.toThrow(
      'lease lost',
    );
  });
});
