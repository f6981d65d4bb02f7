import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busyHouse, emptyHouse } from '../stage/house.ts';
import { boardRow, eventRow } from '../stage/rows.ts';
import { laneCount, lanes } from './lanes.ts';
import { emptyModel, eventsKept, type Model } from './model.ts';
import { type Action, reduce } from './reduce.ts';

const busy = busyHouse().snapshot;
const empty = emptyHouse().snapshot;
const at = (order: number) => ({
  order,
  receivedAt: 1_000 + order,
  asOf: new Date(order).toISOString(),
  source: 'live' as const,
  reason: null,
});
const apply = (actions: readonly Action[], from: Model = emptyModel(0)): Model =>
  actions.reduce(reduce, from);

/** A morning's worth of arrivals: two snapshots, reads, refusals, events old and new, heartbeats. */
const arrivals: readonly Action[] = [
  { kind: 'snapshot', snapshot: busy, ...at(1) },
  { kind: 'list', name: 'probes', data: busy.probes, ...at(2) },
  { kind: 'list', name: 'tickets', data: empty.tickets, ...at(3) },
  {
    kind: 'refused',
    names: ['tickets', 'probes'],
    order: 4,
    fault: { status: 503, code: 'A', message: '', hint: null },
  },
  { kind: 'list', name: 'tickets', data: busy.tickets, ...at(5) },
  {
    kind: 'refused',
    names: ['plugins'],
    order: 6,
    fault: { status: 500, code: 'B', message: '', hint: null },
  },
  { kind: 'snapshot', snapshot: { ...busy, seq: busy.seq + 4, probes: [] }, ...at(7) },
  { kind: 'events', events: [eventRow({ seq: busy.seq + 1 })] },
  { kind: 'events', events: [eventRow({ seq: busy.seq + 3 }), eventRow({ seq: busy.seq + 2 })] },
  {
    kind: 'beat',
    beat: { serverNow: '2026-11-21T12:00:00Z', seq: 1, build: 'b', primaryState: 'ready' },
    receivedAt: 5,
  },
  {
    kind: 'beat',
    beat: { serverNow: '2026-11-21T12:00:05Z', seq: 2, build: 'b', primaryState: 'ready' },
    receivedAt: 10,
  },
];

describe('the store', () => {
  it('comes to the same model in any order and with every arrival any number of times', () => {
    const told = apply(arrivals);
    const numbers = [...arrivals.keys(), ...arrivals.keys()];
    const shuffled = fc.shuffledSubarray(numbers, { minLength: numbers.length });
    fc.assert(
      fc.property(shuffled, (order) => {
        expect(apply(order.flatMap((index) => arrivals[index] ?? []))).toEqual(told);
      }),
    );
  });

  it('keeps the newest events, each once, whatever the order', () => {
    const rows = Array.from({ length: eventsKept + 40 }, (_, index) => eventRow({ seq: index + 1 }));
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (events) => {
        const { events: kept, seq } = apply(
          events.map((event) => ({ kind: 'events', events: [event, event] })),
        );
        expect(kept.map((event) => event.seq)).toEqual(
          rows
            .slice(-eventsKept)
            .map((event) => event.seq)
            .reverse(),
        );
        expect(seq).toBe(eventsKept + 40);
      }),
      { numRuns: 1 },
    );
  });

  it('replaces and never mutates, so that a panel sees every change', () => {
    let model = deepFreeze(emptyModel(0));
    const replaced: boolean[] = [];
    for (const action of arrivals) {
      const next = deepFreeze(reduce(model, deepFreeze(action)));
      if (action.kind === 'list') replaced.push(next.lists[action.name] !== model.lists[action.name]);
      model = next;
    }
    expect(replaced).toEqual([true, true, true]);
    expect(reduce(model, arrivals[1] ?? { kind: 'bye', reason: '' })).toBe(model);
  });

  it('shows in each lane what the runtime counts, and unknown where it does not', () => {
    const { lists } = apply([{ kind: 'snapshot', snapshot: busy, ...at(1) }]);
    const shown = lanes.map(({ name }) =>
      laneCount(name, lists.status.good?.data ?? null, lists.tickets.good?.data ?? null),
    );
    expect(shown).toEqual([2, 3, 0, 2, 3]);
    const counted = Object.values(busy.status.tickets ?? {}).reduce((a, b) => a + b, 0);
    expect(shown.slice(0, 4).reduce((a, b) => (a ?? 0) + (b ?? 0), 0)).toBe(counted);
    expect(laneCount('queued', { ...busy.status, tickets: null }, busy.tickets)).toBeNull();
    expect(laneCount('recently_resolved', busy.status, null)).toBeNull();
  });

  it('believes the count of the runtime when its list is cut', () => {
    const cut = { ...busy.tickets, queued: [boardRow()] };
    const status = {
      ...busy.status,
      tickets: { queued: 7_000, in_progress: 0, deferred: 0, failed_or_blocked: 0 },
    };
    expect(laneCount('queued', status, cut)).toBe(7_000);
  });

  it('keeps the build that served it, and forgets everything when the session ends', () => {
    const model = apply([...arrivals, { kind: 'snapshot', snapshot: { ...busy, build: 'newer' }, ...at(9) }]);
    expect(model.build).toBe(busy.build);
    const out = reduce(model, {
      kind: 'signed_out',
      fault: { status: 401, code: 'X', message: '', hint: null },
    });
    expect(out).toEqual({ ...emptyModel(0), signedOut: { status: 401, code: 'X', message: '', hint: null } });
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
