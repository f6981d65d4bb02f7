import { snapshotSchema, type BootReport, type EventRow, type Heartbeat } from '@kora/runtime/client';
import { type Answer, readList } from '../api/read.ts';
import { joint } from './joint.ts';
import { clockSkewMs } from './link.ts';
import type { ListName } from './model.ts';
import type { ListArrival } from './reduce.ts';
import { createRefresher, type Refresher } from './refresh.ts';
import { beatLists, listNames, sources, stirredBy } from './sources.ts';
import type { Store } from './store.ts';
import { type EventSourceLike, openStream } from './stream.ts';

export interface FollowPorts {
  readonly fetch?: typeof globalThis.fetch;
  readonly openSource?: (url: string) => EventSourceLike;
  now(): number;
  after(ms: number, run: () => void): void;
}

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** Heartbeats that may name a later sequence than the page has seen, before it stops believing its stream. */
const beatsBehind = 2;

type Refusal = Extract<Answer<unknown>, { readonly ok: false }>;

/**
 * Keeps the store true to the runtime: snapshot, then the stream after its sequence, and a fresh read of each list
 * that an event made old. Returns the way to stop. A 401 anywhere ends it; signing in starts a new one.
 */
export function follow(store: Store, ports: FollowPorts): () => void {
  const follower = new Follower(store, ports);
  void follower.begin();
  return () => follower.stop();
}

class Follower {
  readonly #store: Store;
  readonly #ports: FollowPorts;
  readonly #refresher: Refresher<ListName>;
  #order = 0;
  #waitMs = firstWaitMs;
  #behind = 0;
  #reading = false;
  #stopped = false;
  #closeStream: () => void = () => undefined;

  constructor(store: Store, ports: FollowPorts) {
    this.#store = store;
    this.#ports = ports;
    this.#refresher = createRefresher({
      load: (name: ListName) => this.#load(name),
      now: () => ports.now(),
      after: (ms, run) => ports.after(ms, run),
    });
  }

  /** Reads the snapshot and opens the stream where the events of this page end; on failure again, later. */
  async begin(mayResume = true): Promise<void> {
    if (this.#stopped || this.#reading) return;
    this.#reading = true;
    const order = this.#next();
    const answer = await readList('/api/snapshot', snapshotSchema, this.#options());
    this.#reading = false;
    if (this.#stopped) return;
    if (!answer.ok) {
      this.#refuse(listNames, order, answer);
      if (answer.boot !== undefined) this.#waitMs = firstWaitMs;
      // A runtime that refuses the whole may still answer these two, and they say why.
      else for (const name of ['status', 'boot'] as const) this.#refresher.stir(name);
      this.#later(() => void this.begin(mayResume));
      return;
    }
    const { data: snapshot, ...rest } = answer;
    const after = mayResume ? joint(this.#store.latest().events, snapshot) : snapshot.seq;
    this.#store.apply({ kind: 'snapshot', snapshot, order, receivedAt: this.#ports.now(), ...arrival(rest) });
    for (const name of listNames) if (sources[name].pick === undefined) this.#refresher.stir(name);
    this.#watchBoot();
    this.#listen(after);
  }

  stop(): void {
    this.#stopped = true;
    this.#refresher.close();
    this.#closeStream();
  }

  #listen(after: number): void {
    this.#closeStream();
    this.#behind = 0;
    this.#closeStream = openStream(
      after,
      {
        event: (event) => this.#event(event),
        beat: (beat) => this.#beat(beat),
        resync: () => this.#later(() => void this.begin(false)),
        bye: (reason, boot) => this.#bye(reason, boot),
        closed: () => this.#later(() => void this.begin()),
      },
      this.#ports.openSource,
    );
  }

  #event(event: EventRow): void {
    if (this.#stopped) return;
    this.#store.apply({ kind: 'events', events: [event] });
    for (const name of stirredBy(event.type)) this.#refresher.stir(name);
  }

  #beat(beat: Heartbeat): void {
    if (this.#stopped) return;
    this.#waitMs = firstWaitMs;
    this.#store.apply({ kind: 'beat', beat, receivedAt: this.#ports.now() });
    for (const name of beatLists) this.#refresher.stir(name);
    this.#refresher.retry();
    // A stream that beats but brings no events looks healthy and is not.
    this.#behind = beat.seq > this.#store.latest().seq ? this.#behind + 1 : 0;
    if (this.#behind > beatsBehind) this.#later(() => void this.begin());
  }

  #bye(reason: string, boot: BootReport | undefined): void {
    this.#store.apply({ kind: 'bye', reason });
    if (boot !== undefined) this.#told(boot);
    // A revoked session learns of it by the next read.
    this.#refresher.stir('status');
  }

  async #load(name: ListName): Promise<boolean> {
    const source = sources[name];
    const order = this.#next();
    const answer = await readList<unknown>(source.path, source.schema, this.#options());
    if (this.#stopped) return true;
    if (!answer.ok) {
      this.#refuse([name], order, answer);
      return false;
    }
    const { data, ...rest } = answer;
    // The source's own schema parsed it, so data is the list of that name; the union cannot say so.
    const list = {
      kind: 'list',
      name,
      data,
      order,
      receivedAt: this.#ports.now(),
      ...arrival(rest),
    } as ListArrival;
    this.#store.apply(list);
    if (name === 'boot') this.#watchBoot();
    return true;
  }

  /** Gates pass without an event each: a boot that goes on is looked at again until it has ended. */
  #watchBoot(): void {
    if (this.#store.latest().lists.boot.good?.data.outcome !== 'running') return;
    this.#ports.after(firstWaitMs, () => this.#refresher.stir('boot'));
  }

  /** A boot's report that came with a refusal, or as a last word. */
  #told(boot: BootReport): void {
    const receivedAt = this.#ports.now();
    const asOf = new Date(receivedAt + clockSkewMs(this.#store.latest().link)).toISOString();
    const rest = { order: this.#next(), receivedAt, asOf, source: 'live', reason: null } as const;
    this.#store.apply({ kind: 'list', name: 'boot', data: boot, ...rest });
  }

  #refuse(names: readonly ListName[], order: number, { fault, boot }: Refusal): void {
    if (fault.status === 401) {
      this.stop();
      this.#store.apply({ kind: 'signed_out', fault });
      return;
    }
    this.#store.apply({ kind: 'refused', names, order, fault });
    if (boot !== undefined) this.#told(boot);
  }

  #later(run: () => void): void {
    if (this.#stopped) return;
    this.#closeStream();
    this.#ports.after(this.#waitMs, run);
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs);
  }

  #next(): number {
    this.#order += 1;
    return this.#order;
  }

  #options(): { fetch?: typeof globalThis.fetch } {
    return this.#ports.fetch === undefined ? {} : { fetch: this.#ports.fetch };
  }
}

function arrival(answer: {
  readonly asOf: string;
  readonly source: 'live' | 'stale';
  readonly reason: string | null;
}): {
  asOf: string;
  source: 'live' | 'stale';
  reason: string | null;
} {
  return { asOf: answer.asOf, source: answer.source, reason: answer.reason };
}
