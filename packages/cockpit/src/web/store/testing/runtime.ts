import type { BootReport } from '@kora/runtime/client';
import type { House } from '../../stage/house.ts';
import type { EventSourceLike } from '../stream.ts';

/** A runtime in a test's hands: answers reads from a house, and speaks on the stream when it is told to. */
export interface FakeRuntime {
  readonly fetch: typeof globalThis.fetch;
  readonly openSource: (url: string) => EventSourceLike;
  /** Paths that were read, in order. */
  readonly reads: string[];
  /** Streams that were opened. */
  readonly streams: FakeStream[];
  /** The last of them. */
  stream(): FakeStream;
  house: House;
  /** When set, what every read is answered with; 0: no answer at all. */
  refusal: { readonly status: number; readonly code: string; readonly boot?: BootReport } | null;
}

export interface FakeStream extends EventSourceLike {
  readonly url: string;
  readonly closed: boolean;
  say(type: string, data: unknown): void;
  /** The browser gave the stream up. */
  fail(): void;
}

export function createFakeRuntime(house: House): FakeRuntime {
  const runtime: FakeRuntime = {
    house,
    refusal: null,
    reads: [],
    streams: [],
    stream: () => runtime.streams.at(-1) ?? createFakeStream('none was opened'),
    fetch: (input) => {
      const path = input instanceof Request ? input.url : input.toString();
      runtime.reads.push(path);
      return answer(runtime, path);
    },
    openSource: (url) => {
      const stream = createFakeStream(url);
      runtime.streams.push(stream);
      return stream;
    },
  };
  return runtime;
}

function answer({ house, refusal }: FakeRuntime, path: string): Promise<Response> {
  if (refusal?.status === 0) return Promise.reject(new DOMException('fetch failed', 'NetworkError'));
  if (refusal !== null) {
    const details = refusal.boot === undefined ? {} : { details: { boot: refusal.boot } };
    const error = { type: 'refused', code: refusal.code, message: 'No.', ...details };
    return Promise.resolve(Response.json({ error }, { status: refusal.status }));
  }
  const { snapshot } = house;
  const data: Readonly<Record<string, unknown>> = {
    '/api/snapshot': snapshot,
    '/api/status': snapshot.status,
    '/api/operational-state': house.state,
    '/api/boot-status': { current: snapshot.boot, history: [] },
    '/api/sea-tickets/kora-assigned': snapshot.tickets,
    '/api/daemons': snapshot.daemons,
    '/api/tasks': snapshot.tasks,
    '/api/probes': snapshot.probes,
    '/api/incidents': snapshot.incidents,
    '/api/messages': snapshot.messages,
    '/api/approvals': snapshot.approvals,
    '/api/decisions': [],
    '/api/attention': { items: [], lastClearedAt: null },
    '/api/plugins': snapshot.plugins,
    '/api/caller': house.caller,
  };
  return Promise.resolve(
    Response.json({ status: 'live', asOf: new Date(0).toISOString(), data: data[path] }),
  );
}

function createFakeStream(url: string): FakeStream {
  const listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();
  let readyState = 1;
  const tell = (type: string, event: { readonly data?: unknown }): void => {
    for (const listener of listeners.get(type) ?? []) listener(event);
  };
  return {
    url,
    get readyState() {
      return readyState;
    },
    get closed() {
      return readyState === 2;
    },
    addEventListener: (type, listener) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    },
    close: () => {
      readyState = 2;
    },
    say: (type, data) => tell(type, { data: typeof data === 'string' ? data : JSON.stringify(data) }),
    fail: () => {
      readyState = 2;
      tell('error', {});
    },
  };
}
