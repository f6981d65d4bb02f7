import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Context } from 'hono';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { House } from './house.ts';
import { openOutgoing } from './outgoing.ts';
import type { Readers } from './readers.ts';
import type { StreamPass } from './session/sessions.ts';
import type * as shape from './shapes.ts';
import { SharedTail } from './shared-tail.ts';

export interface StreamOptions {
  readonly house: () => House;
  readonly clock: Clock;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
  readonly onError: (where: string, error: unknown) => void;
  /** A stream's leave to begin and to go on: it ends when its session does. Throws KORA_REQUEST_INVALID for one too many. */
  readonly admit: (context: Context) => StreamPass;
  /** The boot as it stands: of one that failed, readers are told with the last word. */
  readonly boot?: () => shape.BootReport;
  /** Where it is kept how they stand. */
  readonly readers?: Readers;
}

const heartbeatMs = 5_000;
/** A reader further behind than this is told to read a fresh snapshot instead, unless it wants every event. */
const maxBehind = 10_000;
const maxStreams = 64;
/** A reader that does not take a full buffer in this time is gone, or might as well be. */
const stalledMs = 30_000;

/**
 * The chain as server-sent events. Each reader has its own position and `Last-Event-ID` resumes without gap or repeat,
 * also after a restart; those that keep up share one read of each seal. Nothing is buffered for a slow one but a few
 * frames: it is read for when it reads on, and dropped when it does not.
 */
export function eventStream(options: StreamOptions): (context: Context) => Response {
  let open = 0;
  let shared: { readonly house: House; readonly tail: SharedTail } | undefined;
  const tailOf = (house: House): SharedTail => {
    if (shared?.house === house) return shared.tail;
    shared?.tail[Symbol.dispose]();
    shared = { house, tail: new SharedTail(house) };
    return shared.tail;
  };
  return (context) => {
    if (open >= maxStreams)
      throw fault('KORA_REQUEST_INVALID', 'too many streams are open', { details: { status: 429 } });
    const house = options.house();
    const wish = {
      asked: context.req.header('last-event-id') ?? context.req.query('after') ?? '',
      type: context.req.query('type'),
      isComplete: context.req.query('complete') === '1',
    };
    const pass = options.admit(context);
    open += 1;
    options.readers?.came();
    const outgoing = openOutgoing(context, options.signal);
    const ended = new AbortController();
    const signal = AbortSignal.any([outgoing.signal, ended.signal, pass.signal]);
    const reader = new StreamReader(outgoing.out, options.clock, signal);
    const allowed = (): boolean => pass.goesOn();
    Promise.race([
      serve({ ...options, reader, house, tail: tailOf(house), ...wish, signal }),
      beat({ ...options, reader, house, signal, allowed, drop: outgoing.cut }),
    ])
      // A reader that left is no failure; one that failed resumes from its last event, and the reason is for the log.
      .catch((error: unknown) => {
        if (!signal.aborted) options.onError('event stream', error);
      })
      .finally(() => {
        open -= 1;
        options.readers?.left();
        if (open === 0) {
          shared?.tail[Symbol.dispose]();
          shared = undefined;
        }
        ended.abort();
        pass.leave();
        if (!outgoing.out.destroyed) outgoing.out.end(byeFrame(pass, options.boot?.()));
      });
    context.header('content-type', 'text/event-stream');
    context.header('x-accel-buffering', 'no');
    return context.body(outgoing.body());
  };
}

/**
 * The last word to a reader: why it ends, `closing` where nothing is wrong with the reader. Gates that end the process
 * leave nobody to ask afterwards, so their report goes with it; not to a reader that may not listen any more.
 */
export function byeFrame({ signal }: StreamPass, boot?: shape.BootReport): string {
  const reason: unknown = signal.aborted ? signal.reason : 'closing';
  const last =
    !signal.aborted && boot?.outcome === 'failed' ? { reason: 'the boot failed', boot } : { reason };
  return frameOf({ event: 'bye', data: JSON.stringify(last) });
}

interface Frame {
  readonly event: string;
  readonly id?: string;
  readonly data: string;
}

function frameOf({ event, id, data }: Frame): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

/** One reader's socket: frames wait until it takes them. */
class StreamReader {
  readonly #out: Writable;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #since: number | undefined;

  constructor(out: Writable, clock: Clock, signal: AbortSignal) {
    this.#out = out;
    this.#clock = clock;
    this.#signal = signal;
    out.on('drain', () => (this.#since = undefined));
  }

  /** Milliseconds for which the buffer has been full without being taken; 0 when it is not. */
  get stalledMs(): number {
    return this.#since === undefined ? 0 : this.#clock.now() - this.#since;
  }

  /** Resolves when there is room for more. */
  async send(frame: Frame): Promise<void> {
    if (this.#write(frame)) return;
    await once(this.#out, 'drain', { signal: this.#signal });
  }

  /** A frame that nobody misses: left out while others wait. */
  offer(frame: Frame): void {
    if (this.#since === undefined) this.#write(frame);
  }

  #write(frame: Frame): boolean {
    if (this.#signal.aborted || this.#out.write(frameOf(frame))) return true;
    this.#since ??= this.#clock.now();
    return false;
  }
}

interface Serve {
  readonly reader: StreamReader;
  readonly house: House;
  readonly tail: SharedTail;
  readonly asked: string;
  readonly type: string | undefined;
  readonly isComplete: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly readers?: Readers;
}

async function serve(options: Serve): Promise<void> {
  const { reader, house, tail, asked, type, isComplete, signal, clock, readers } = options;
  let wake = new AbortController();
  /** When the first seal was heard of that this reader has not been told yet, by the monotonic clock. */
  let heardAt: number | undefined;
  const sealed = house.onSealed(() => {
    heardAt ??= clock.monotonic();
    wake.abort();
  });
  try {
    const { seq: head } = await house.heartbeat();
    let at = /^\d+$/.test(asked) ? Number(asked) : head;
    if (at > head || (head - at > maxBehind && !isComplete)) {
      at = head;
      await reader.send({ event: 'resync', data: JSON.stringify({ seq: head }) });
    }
    while (!signal.aborted) {
      wake = new AbortController();
      const heard = heardAt;
      heardAt = undefined;
      const { events, through } = await tail.after(at, type);
      for (const event of events)
        await reader.send({ event: 'chain', id: String(event.seq), data: JSON.stringify(event) });
      if (heard !== undefined) readers?.took(clock.monotonic() - heard);
      const isMore = through > at;
      at = through;
      // Slept to its end: no wake-up came, or one was lost.
      if (!isMore && (await clock.sleep(heartbeatMs, AbortSignal.any([signal, wake.signal])))) tail.look();
    }
  } finally {
    sealed[Symbol.dispose]();
  }
}

interface Beat extends Pick<Serve, 'reader' | 'house' | 'signal' | 'clock' | 'readers'> {
  readonly allowed: () => boolean;
  readonly drop: () => void;
}

async function beat({ reader, house, signal, clock, readers, allowed, drop }: Beat): Promise<void> {
  while (allowed()) {
    const standing = readers === undefined ? {} : { streams: readers.streams, eventLagMs: readers.lagMs };
    const data = JSON.stringify({ ...(await house.heartbeat()), ...standing });
    reader.offer({ event: 'heartbeat', data });
    if (!(await clock.sleep(heartbeatMs, signal))) return;
    if (reader.stalledMs < stalledMs) continue;
    drop();
    throw fault(
      'KORA_TIMEOUT',
      `a reader of the event stream did not take what waited for it in ${stalledMs / 1_000} s`,
    );
  }
}
