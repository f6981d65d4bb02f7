import type { BootReport } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { busyHouse } from '../stage/house.ts';
import { eventRow } from '../stage/rows.ts';
import { bootingNow } from './booting.ts';
import { follow } from './follow.ts';
import { createStore } from './store.ts';
import { createFakeRuntime, type FakeStream } from './testing/runtime.ts';
import { createTime } from './testing/time.ts';

const house = busyHouse();
const head = house.snapshot.seq;
const beat = (seq: number) => ({
  serverNow: new Date(0).toISOString(),
  seq,
  build: 'b',
  primaryState: 'ready',
});

async function stage(prepare?: (runtime: ReturnType<typeof createFakeRuntime>) => void) {
  const time = createTime();
  const runtime = createFakeRuntime(house);
  prepare?.(runtime);
  const ports = { now: () => time.now(), after: (ms: number, run: () => void) => time.after(ms, run) };
  const store = createStore({ ...ports, everyMs: () => 100 });
  const stop = follow(store, { ...ports, fetch: runtime.fetch, openSource: runtime.openSource });
  await time.pass(1_000);
  return { time, runtime, store, stop, stream: () => runtime.stream() };
}

describe('following a runtime', () => {
  it('reads the snapshot, then the stream after its sequence, and what the snapshot lacks', async () => {
    const { runtime, store } = await stage();
    expect(runtime.reads).toEqual([
      '/api/snapshot',
      '/api/operational-state',
      '/api/decisions',
      '/api/attention',
      '/api/caller',
    ]);
    expect(runtime.streams.map((stream) => stream.url)).toEqual([`/api/events/stream?after=${head}`]);
    expect(store.get().lists.tickets.good?.data.queued).toHaveLength(3);
    expect(store.get().lists.state.good?.data.transition_history).toHaveLength(1);
  });

  it('reads again only the lists that an event made old', async () => {
    const { time, runtime, store, stream } = await stage();
    runtime.reads.length = 0;
    stream().say('chain', eventRow({ seq: head + 1, type: 'notification.delivered' }));
    await time.pass(300);
    expect(runtime.reads).toEqual(['/api/messages', '/api/attention']);
    runtime.reads.length = 0;
    for (let seq = head + 2; seq < head + 60; seq += 1)
      stream().say('chain', eventRow({ seq, type: 'sea_ticket.created' }));
    await time.pass(2_000);
    expect(runtime.reads.toSorted()).toEqual([
      '/api/incidents',
      '/api/sea-tickets/kora-assigned',
      '/api/status',
    ]);
    expect(store.get().events[0]?.seq).toBe(head + 59);
    runtime.reads.length = 0;
    stream().say('chain', eventRow({ seq: head + 60, type: 'stranger.spoke' }));
    await time.pass(2_000);
    expect(runtime.reads).toEqual([]);
  });

  it('reads with each heartbeat what no event announces, and tries again what failed', async () => {
    const { time, runtime, store, stream } = await stage();
    runtime.refusal = { status: 503, code: 'KORA_STORE_UNREACHABLE' };
    stream().say('chain', eventRow({ seq: head + 1, type: 'kora.plugin.degraded' }));
    await time.pass(1_000);
    expect(store.get().lists.plugins.bad?.fault.code).toBe('KORA_STORE_UNREACHABLE');
    expect(store.get().lists.plugins.good?.data).toHaveLength(5);
    runtime.refusal = null;
    runtime.reads.length = 0;
    stream().say('heartbeat', beat(head + 1));
    await time.pass(1_000);
    expect(runtime.reads.toSorted()).toEqual([
      '/api/attention',
      '/api/daemons',
      '/api/plugins',
      '/api/probes',
      '/api/status',
      '/api/tasks',
    ]);
    const { good, bad } = store.get().lists.plugins;
    expect(good?.order).toBeGreaterThan(bad?.order ?? 0);
  });

  it.each([
    ['a resync', (stream: FakeStream) => stream.say('resync', {})],
    ['an event that cannot be read', (stream: FakeStream) => stream.say('chain', '{')],
    ['a stream that the browser gave up', (stream: FakeStream) => stream.fail()],
  ])('begins anew with a snapshot after %s', async (_, happens) => {
    const { time, runtime, stream } = await stage();
    happens(stream());
    await time.pass(2_000);
    expect(runtime.reads.filter((path) => path === '/api/snapshot')).toHaveLength(2);
    expect(runtime.streams.map((one) => one.closed)).toEqual([true, false]);
  });

  it('goes on where its events end, when the snapshot does not reach down to them', async () => {
    const { time, runtime, stream } = await stage();
    const { snapshot } = runtime.house;
    const events = [head + 301, head + 300].map((seq) => eventRow({ seq }));
    runtime.house = { ...runtime.house, snapshot: { ...snapshot, seq: head + 301, events } };
    stream().fail();
    await time.pass(2_000);
    expect(stream().url).toBe(`/api/events/stream?after=${head}`);
    stream().say('chain', eventRow({ seq: head + 1 }));
    // Cut while it fills the hole, it goes on in it; what the runtime cannot give any more is left out.
    stream().fail();
    await time.pass(2_000);
    expect(stream().url).toBe(`/api/events/stream?after=${head + 1}`);
    stream().say('resync', {});
    await time.pass(2_000);
    expect(stream().url).toBe(`/api/events/stream?after=${head + 301}`);
  });

  it('does not believe a stream that beats but brings no events', async () => {
    const { time, runtime, stream } = await stage();
    for (let nth = 0; nth < 3; nth += 1) {
      stream().say('heartbeat', beat(head + 5));
      await time.pass(1_000);
    }
    expect(runtime.reads.filter((path) => path === '/api/snapshot')).toHaveLength(2);
  });

  it('signs out at the first 401 and asks for nothing more', async () => {
    const { time, runtime, store, stream } = await stage();
    runtime.refusal = { status: 401, code: 'KORA_AUTH_MISSING' };
    stream().say('heartbeat', beat(head));
    await time.pass(1_000);
    expect(store.get().signedOut?.code).toBe('KORA_AUTH_MISSING');
    expect(store.get().lists.tickets.good).toBeNull();
    expect(stream().closed).toBe(true);
    runtime.reads.length = 0;
    stream().say('heartbeat', beat(head));
    await time.pass(60_000);
    expect(runtime.reads).toEqual([]);
  });

  it('waits longer and longer for a runtime that does not answer, and says why nothing is known', async () => {
    const { time, runtime, store } = await stage((fake) => {
      fake.refusal = { status: 0, code: '' };
    });
    await time.pass(60_000);
    const tries = runtime.reads.filter((path) => path === '/api/snapshot').length;
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(15);
    expect(store.get().lists.tickets).toEqual({ good: null, bad: expect.objectContaining({}) });
    expect(store.get().lists.tickets.bad?.fault.code).toBe('PAGE_NO_ANSWER');
    runtime.refusal = null;
    await time.pass(11_000);
    expect(store.get().lists.tickets.good?.data.queued).toHaveLength(3);
  });

  it('follows a boot gate by gate: by what a runtime refuses with, then by its answers, and to its last word', async () => {
    const outcomes = () => store.get().lists.boot.good?.data.outcome;
    const { time, runtime, store, stream } = await stage();
    const running: BootReport = {
      ...house.snapshot.boot,
      outcome: 'running',
      waitingFor: 'the store is away',
    };
    runtime.refusal = { status: 503, code: 'KORA_NOT_READY', boot: running };
    stream().fail();
    await time.pass(30_000);
    runtime.reads.length = 0;
    await time.pass(5_000);
    expect([outcomes(), new Set(runtime.reads)]).toEqual(['running', new Set(['/api/snapshot'])]);
    expect(runtime.reads.length).toBeGreaterThan(3);
    expect(bootingNow(store.get().lists.boot, time.now())?.waitingFor).toBe('the store is away');
    runtime.refusal = null;
    runtime.house = { ...house, snapshot: { ...house.snapshot, boot: running } };
    await time.pass(3_000);
    runtime.house = house;
    await time.pass(2_000);
    expect(outcomes()).toBe('passed');
    runtime.refusal = { status: 0, code: '' };
    stream().say('bye', { reason: 'the boot failed', boot: { ...running, outcome: 'failed' } });
    stream().fail();
    await time.pass(60_000);
    expect([outcomes(), store.get().link.bye]).toEqual(['failed', 'the boot failed']);
  });

  it('stops', async () => {
    const { time, runtime, stop, stream } = await stage();
    stop();
    runtime.reads.length = 0;
    stream().say('chain', eventRow({ seq: head + 1, type: 'sea_ticket.created' }));
    await time.pass(10_000);
    expect(stream().closed).toBe(true);
    expect(runtime.reads).toEqual([]);
  });
});
