import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { House } from './house.ts';

export interface StreamOptions {
  readonly house: () => House;
  readonly clock: Clock;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
  readonly onError: (where: string, error: unknown) => void;
  /** Asked again every heartbeat: a session that was revoked loses its stream. */
  readonly stillAllowed: (context: Context) => boolean;
}

const heartbeatMs = 5_000;
const batch = 500;
/** A reader further behind than this is told to read a fresh snapshot instead. */
const maxBehind = 10_000;
const maxStreams = 64;

/**
 * The chain as server-sent events. Each reader has its own position; a seal wakes it and it reads on from there, so a
 * slow one costs nobody anything but its own socket's buffer. `Last-Event-ID` resumes without gap or repeat.
 */
export function eventStream(options: StreamOptions): (context: Context) => Response {
  let open = 0;
  return (context) => {
    if (open >= maxStreams)
      throw fault('KORA_REQUEST_INVALID', 'too many streams are open', { details: { status: 429 } });
    const house = options.house();
    const asked = context.req.header('last-event-id') ?? context.req.query('after') ?? '';
    const type = context.req.query('type');
    open += 1;
    context.header('x-accel-buffering', 'no');
    return streamSSE(context, async (stream) => {
      const ended = new AbortController();
      stream.onAbort(() => ended.abort());
      const signal = AbortSignal.any([options.signal, ended.signal]);
      try {
        await Promise.race([
          serve({ stream, house, asked, type, signal, clock: options.clock }),
          beat({ stream, house, signal, clock: options.clock, allowed: () => options.stillAllowed(context) }),
        ]);
        if (!ended.signal.aborted)
          await stream.writeSSE({ event: 'bye', data: JSON.stringify({ reason: 'closing' }) });
      } catch (error) {
        // The reader resumes from its last event; the reason is for the log, not for a terminal.
        if (!ended.signal.aborted) options.onError('event stream', error);
      } finally {
        open -= 1;
        ended.abort();
      }
    });
  };
}

interface Serve {
  readonly stream: SSEStreamingApi;
  readonly house: House;
  readonly asked: string;
  readonly type: string | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

async function serve({ stream, house, asked, type, signal, clock }: Serve): Promise<void> {
  let wake = new AbortController();
  const sealed = house.onSealed(() => wake.abort());
  try {
    const { seq: head } = await house.heartbeat();
    let at = /^\d+$/.test(asked) ? Number(asked) : head;
    if (at > head || head - at > maxBehind) {
      at = head;
      await stream.writeSSE({ event: 'resync', data: JSON.stringify({ seq: head }) });
    }
    while (!signal.aborted) {
      wake = new AbortController();
      const events = await house.events({ after: at, limit: batch, type });
      for (const event of events) {
        await stream.writeSSE({ event: 'chain', id: String(event.seq), data: JSON.stringify(event) });
        at = event.seq;
      }
      if (events.length < batch) await clock.sleep(heartbeatMs, AbortSignal.any([signal, wake.signal]));
    }
  } finally {
    sealed[Symbol.dispose]();
  }
}

interface Beat extends Omit<Serve, 'asked' | 'type'> {
  readonly allowed: () => boolean;
}

async function beat({ stream, house, signal, clock, allowed }: Beat): Promise<void> {
  while (allowed()) {
    await stream.writeSSE({ event: 'heartbeat', data: JSON.stringify(await house.heartbeat()) });
    if (!(await clock.sleep(heartbeatMs, signal))) return;
  }
}
