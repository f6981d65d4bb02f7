import { describe, expect, it } from 'vitest';
import { eventRow } from '../stage/rows.ts';
import { createStore } from './store.ts';
import { createTime } from './testing/time.ts';

describe('the flush', () => {
  it('tells the panels at once, then at most ten times a second', async () => {
    const time = createTime();
    const store = createStore({
      now: () => time.now(),
      after: (ms, run) => time.after(ms, run),
      everyMs: () => 100,
    });
    const told: number[] = [];
    store.subscribe(() => told.push(time.now()));
    for (let seq = 1; seq <= 200; seq += 1) {
      store.apply({ kind: 'events', events: [eventRow({ seq })] });
      await time.pass(10);
    }
    await time.pass(200);
    expect(told[0]).toBe(0);
    expect(told.length).toBeGreaterThanOrEqual(20);
    expect(told.length).toBeLessThanOrEqual(21);
    expect(store.get().events).toHaveLength(200);
  });

  it('stands still between two flushes, while those who read next see everything', () => {
    const store = createStore({ now: () => 0, after: () => undefined, everyMs: () => 100 });
    const before = store.get();
    store.apply({ kind: 'events', events: [eventRow({ seq: 7 })] });
    expect(store.get()).toBe(before);
    expect(store.latest().seq).toBe(7);
  });

  it('says nothing when nothing changed', async () => {
    const time = createTime();
    const store = createStore({
      now: () => time.now(),
      after: (ms, run) => time.after(ms, run),
      everyMs: () => 100,
    });
    store.apply({ kind: 'events', events: [eventRow({ seq: 1 })] });
    await time.pass(100);
    let told = 0;
    store.subscribe(() => (told += 1));
    store.apply({ kind: 'events', events: [eventRow({ seq: 1 })] });
    await time.pass(1_000);
    expect(told).toBe(0);
  });
});
