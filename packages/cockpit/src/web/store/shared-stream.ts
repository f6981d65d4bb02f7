import type { EventSourceLike } from './stream.ts';

/**
 * One stream for all tabs of a browser: over HTTP/1.1 six streams would use up its connections, and the seventh tab would
 * hang. The tab that holds the lock reads; the others hear it over a channel. When it goes, another goes on after the last
 * sequence that it has itself seen.
 */

interface Frame {
  readonly type: string;
  readonly data: string | undefined;
  /** Of an event of the chain; other frames have none. */
  readonly seq: number | null;
}

type Note =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** A tab opened, and has seen everything up to here. */
  | { readonly kind: 'hello'; readonly from: string; readonly after: number }
  | { readonly kind: 'missed'; readonly to: string; readonly frames: readonly Frame[] };

export interface ChannelLike {
  postMessage(note: Note): void;
  addEventListener(type: 'message', listener: (event: { readonly data: Note }) => void): void;
  close(): void;
}

type Lock = (
  lead: () => Promise<void>,
  options: { readonly steal: boolean; readonly signal: AbortSignal },
) => void;

export interface SharedPorts {
  readonly open: (url: string) => EventSourceLike;
  readonly channel: () => ChannelLike;
  /** Null where the browser has no locks. Runs `lead` once this tab holds the lock, and keeps it until what `lead` answers resolves or the signal aborts. */
  readonly lock: Lock | null;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly id: () => string;
}

/** Frames that a leader keeps for a tab that opens late. */
const keptFrames = 2_000;
/** A leader that says nothing for so long is frozen or gone: two heartbeats and a bit. */
export const silentLeaderMs = 12_000;
const closed = 2;

/**
 * Opens the shared stream after a sequence; it looks like an EventSource to whoever reads it. A browser without locks
 * cannot say which tab reads: there each reads for itself, as far as the runtime has streams for them.
 */
export function openSharedStream(url: string, ports: SharedPorts = browserPorts): EventSourceLike {
  return ports.lock === null ? ports.open(url) : new SharedStream(url, { ...ports, lock: ports.lock });
}

/** The browser's locks; null where it has none, or keeps them from a page that came without protection. */
const locks = (globalThis.navigator as { readonly locks?: LockManager } | undefined)?.locks ?? null;
/** Each tab reads a stream of its own. */
export const readsAlone: boolean = locks === null;

class SharedStream implements EventSourceLike {
  readonly #ports: SharedPorts & { readonly lock: Lock };
  readonly #path: string;
  readonly #me: string;
  readonly #channel: ChannelLike;
  readonly #gone = new AbortController();
  readonly #listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();
  #source: EventSourceLike | undefined;
  #kept: Frame[] = [];
  #seen: number;
  /** The first sequence that `#kept` has all events after. */
  #keptAfter: number;
  #forget: () => void = () => undefined;
  #endLead: () => void = () => undefined;

  constructor(url: string, ports: SharedPorts & { readonly lock: Lock }) {
    const [path = url, query = ''] = url.split('?');
    this.#ports = ports;
    this.#path = path;
    this.#seen = Number(new URLSearchParams(query).get('after') ?? 0);
    this.#keptAfter = this.#seen;
    this.#me = ports.id();
    this.#channel = ports.channel();
    this.#channel.addEventListener('message', ({ data }) => this.#hear(data));
    this.#channel.postMessage({ kind: 'hello', from: this.#me, after: this.#seen });
    this.#wish(false);
    this.#watch();
  }

  get readyState(): number {
    if (this.#gone.signal.aborted) return closed;
    return this.#source?.readyState ?? 1;
  }

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.#gone.abort();
    this.#forget();
    this.#stopLeading();
    this.#channel.close();
  }

  #wish(steal: boolean): void {
    this.#ports.lock(() => this.#lead(), { steal, signal: this.#gone.signal });
  }

  /** Reads for everybody, until this tab goes. */
  #lead(): Promise<void> {
    if (this.#gone.signal.aborted) return Promise.resolve();
    this.#stopLeading();
    this.#keptAfter = this.#seen;
    this.#kept = [];
    const source = this.#ports.open(`${this.#path}?after=${this.#seen}`);
    this.#source = source;
    for (const type of ['chain', 'heartbeat', 'bye', 'resync'])
      source.addEventListener(type, ({ data }) => {
        if (this.#source === source) this.#relay(frameOf(type, data));
      });
    source.addEventListener('error', () => {
      if (this.#source === source) this.#tell('error', undefined);
    });
    return new Promise((resolve) => {
      this.#endLead = resolve;
    });
  }

  #stopLeading(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#endLead();
  }

  #relay(frame: Frame): void {
    this.#channel.postMessage({ kind: 'frame', frame });
    this.#take(frame);
    if (frame.seq === null) return;
    this.#kept.push(frame);
    if (this.#kept.length > keptFrames) this.#keptAfter = this.#kept.shift()?.seq ?? this.#keptAfter;
  }

  #hear(note: Note): void {
    if (this.#gone.signal.aborted) return;
    if (note.kind === 'frame') {
      // Another leads: whoever was thought frozen woke up, or the lock was taken from this tab.
      if (this.#source !== undefined) this.#stopLeading();
      this.#take(note.frame);
    } else if (note.kind === 'hello') this.#answer(note.from, note.after);
    else if (note.to === this.#me) for (const frame of note.frames) this.#take(frame);
  }

  /** What a tab that opens has missed; more than is kept is for it to read anew. */
  #answer(to: string, after: number): void {
    if (this.#source === undefined) return;
    const resync = { type: 'resync', data: '{}', seq: null };
    const frames =
      after < this.#keptAfter ? [resync] : this.#kept.filter(({ seq }) => seq !== null && seq > after);
    this.#channel.postMessage({ kind: 'missed', to, frames });
  }

  #take(frame: Frame): void {
    this.#watch();
    if (frame.seq !== null) {
      // Told twice, by the leader and as missed, it counts once.
      if (frame.seq <= this.#seen) return;
      this.#seen = frame.seq;
    }
    this.#tell(frame.type, frame.data);
  }

  #tell(type: string, data: string | undefined): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }

  #watch(): void {
    this.#forget();
    this.#forget = this.#ports.after(silentLeaderMs, () => {
      // A leader that is this tab itself is told by its own silence, and by the page.
      if (this.#source === undefined) this.#wish(true);
      this.#watch();
    });
  }
}

function frameOf(type: string, data: unknown): Frame {
  const text = typeof data === 'string' ? data : undefined;
  return { type, data: text, seq: type === 'chain' ? seqOf(text) : null };
}

function seqOf(text: string | undefined): number | null {
  const found = /"seq":(\d+)/.exec(text ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

const browserPorts: SharedPorts = {
  open: (url) => new EventSource(url),
  channel: () => new BroadcastChannel('kora.stream'),
  lock:
    locks === null
      ? null
      : (lead, { steal, signal }) =>
          void locks
            // The browser allows no signal beside `steal`; a tab that goes gives up its wish by going.
            .request('kora.stream', steal ? { steal } : { signal }, lead)
            .catch(() => undefined),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  id: () => crypto.randomUUID(),
};
