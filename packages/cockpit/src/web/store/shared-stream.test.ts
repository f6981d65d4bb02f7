import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChannelLike, openSharedStream, type SharedPorts, silentLeaderMs } from './shared-stream.ts';
import type { EventSourceLike } from './stream.ts';

/** A browser with one runtime behind it: tabs, a channel between them, one lock. */
function browser() {
  const channels = new Set<{ hear: (note: never) => void }>();
  const waiting: { readonly lead: () => Promise<void>; readonly signal: AbortSignal }[] = [];
  const sources: {
    readonly url: string;
    readonly say: (type: string, data: string) => void;
    closed: boolean;
  }[] = [];
  const timers = new Map<object, () => void>();
  let held = false;
  let nextId = 0;
  const grant = (): void => {
    if (held) return;
    const wish = waiting.shift();
    if (wish === undefined) return;
    if (wish.signal.aborted) return grant();
    hold(wish.lead);
  };
  const hold = (lead: () => Promise<void>): void => {
    held = true;
    void lead().then(() => {
      held = false;
      grant();
    });
  };
  const open = (url: string): EventSourceLike => {
    const listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();
    const source = {
      url,
      closed: false,
      say: (type: string, data: string) => {
        if (!source.closed) for (const listener of listeners.get(type) ?? []) listener({ data });
      },
    };
    sources.push(source);
    return {
      readyState: 1,
      addEventListener: (type, listener) => listeners.set(type, [...(listeners.get(type) ?? []), listener]),
      close: () => {
        source.closed = true;
      },
    };
  };
  const channel = (): ChannelLike => {
    const listeners: ((event: { readonly data: never }) => void)[] = [];
    const self = { hear: (note: never) => listeners.forEach((listener) => listener({ data: note })) };
    channels.add(self);
    return {
      postMessage: (note) => {
        // As in a browser: heard a little later, in order.
        for (const other of channels)
          if (other !== self) queueMicrotask(() => other.hear(structuredClone(note) as never));
      },
      addEventListener: (_, listener) => void listeners.push(listener),
      close: () => void channels.delete(self),
    };
  };
  const ports: SharedPorts = {
    open,
    channel,
    lock: (lead, { steal, signal }) => {
      if (steal) return hold(lead);
      waiting.push({ lead, signal });
      grant();
    },
    after: (ms, run) => {
      expect(ms).toBe(silentLeaderMs);
      const timer = {};
      timers.set(timer, run);
      return () => timers.delete(timer);
    },
    id: () => String((nextId += 1)),
  };
  return {
    ports,
    sources,
    pass: () => {
      for (const run of Array.from(timers.values())) run();
    },
  };
}

function tab(ports: SharedPorts, after: number) {
  const seen: number[] = [];
  const other: string[] = [];
  const stream = openSharedStream(`/api/events/stream?after=${after}`, ports);
  stream.addEventListener('chain', ({ data }) =>
    seen.push((JSON.parse(String(data)) as { seq: number }).seq),
  );
  for (const type of ['heartbeat', 'resync']) stream.addEventListener(type, () => other.push(type));
  return { seen, other, close: () => stream.close() };
}

/** Everything that was posted was heard. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}

const chain = (seq: number): string => JSON.stringify({ seq });

describe('one stream for all tabs', () => {
  it('is read by one, and heard by each', async () => {
    const { ports, sources } = browser();
    const tabs = [tab(ports, 5), tab(ports, 5), tab(ports, 5)];
    sources[0]?.say('chain', chain(6));
    sources[0]?.say('heartbeat', '{}');
    await settle();
    expect(sources).toHaveLength(1);
    for (const { seen, other } of tabs) expect([seen, other]).toEqual([[6], ['heartbeat']]);
  });

  it('gives a late tab what came since its snapshot, and sends it back to read anew when that is gone', async () => {
    const { ports, sources } = browser();
    tab(ports, 5);
    for (let seq = 6; seq < 10; seq += 1) sources[0]?.say('chain', chain(seq));
    const late = tab(ports, 7);
    const later = tab(ports, 2);
    await settle();
    expect([late.seen, later.other]).toEqual([[8, 9], ['resync']]);
  });

  it('goes on after the last sequence that the new leader has seen', async () => {
    const { ports, sources } = browser();
    const first = tab(ports, 5);
    const second = tab(ports, 5);
    sources[0]?.say('chain', chain(6));
    first.close();
    await settle();
    expect(sources.map(({ url, closed }) => [url, closed])).toEqual([
      ['/api/events/stream?after=5', true],
      ['/api/events/stream?after=6', false],
    ]);
    sources[1]?.say('chain', chain(7));
    await settle();
    expect(second.seen).toEqual([6, 7]);
  });

  it('is one for each tab where the browser has no locks', async () => {
    const { ports, sources } = browser();
    const tabs = [tab({ ...ports, lock: null }, 5), tab({ ...ports, lock: null }, 5)];
    for (const source of sources) source.say('chain', chain(6));
    await settle();
    expect(sources.map(({ closed }) => closed)).toEqual([false, false]);
    for (const { seen } of tabs) expect(seen).toEqual([6]);
  });

  it('is taken from a leader that froze, which gives way when it wakes', async () => {
    const { ports, sources, pass } = browser();
    const first = tab(ports, 5);
    const second = tab(ports, 5);
    pass();
    expect(sources).toHaveLength(2);
    sources[1]?.say('chain', chain(6));
    await settle();
    expect(sources[0]?.closed).toBe(true);
    expect([first.seen, second.seen]).toEqual([[6], [6]]);
  });

  it('shows each tab each event once and in order, whoever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), async (steps) => {
        const { ports, sources } = browser();
        let seq = 0;
        const log: number[] = [];
        const tabs: { readonly from: number; readonly tab: ReturnType<typeof tab> }[] = [];
        for (const step of [0, ...steps]) {
          if (step === 0) tabs.push({ from: seq, tab: tab(ports, seq) });
          else if (step === 1 && tabs.length > 1) tabs.shift()?.tab.close();
          else {
            seq += 1;
            log.push(seq);
            sources.find(({ closed }) => !closed)?.say('chain', chain(seq));
          }
          await settle();
        }
        for (const { from, tab: one } of tabs) expect(one.seen).toEqual(log.filter((each) => each > from));
      }),
      { numRuns: 100 },
    );
  });
});
