import type { Context } from 'hono';
import { fault } from '../../fault/index.ts';
import { byeFrame } from '../stream.ts';
import type { StreamOptions } from '../stream.ts';
import { openOutgoing } from '../outgoing.ts';
import type { LiveSignView } from './house.ts';

const heartbeatMs = 5_000;
const maxStreams = 64;
/** A reader that lets this much wait is gone, or might as well be; what it missed is in the record. */
const mostWaiting = 1_048_576;

/** Runs while they go on, as server-sent events: all of them, or that of one `key` or `run`. Nothing is kept for anybody. */
export function runStream({
  house,
  clock,
  signal: closing,
  onError,
  admit,
}: StreamOptions): (context: Context) => Response {
  let open = 0;
  return (context) => {
    if (open >= maxStreams)
      throw fault('KORA_REQUEST_INVALID', 'too many streams are open', { details: { status: 429 } });
    const { onRunSign } = house();
    const { key, run } = context.req.query();
    const wants = (sign: LiveSignView): boolean =>
      (key === undefined || sign.key === key) && (run === undefined || sign.runId === run);
    const pass = admit(context);
    open += 1;
    const { out, signal, body, cut } = openOutgoing(context, AbortSignal.any([closing, pass.signal]));
    const write = (event: string, data: object): void => {
      if (signal.aborted) return;
      if (out.writableLength > mostWaiting) cut();
      else out.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const hearing = onRunSign((sign) => {
      if (wants(sign)) write('sign', sign);
    });
    const beat = async (): Promise<void> => {
      do write('heartbeat', { serverNow: new Date(clock.now()).toISOString() });
      while ((await clock.sleep(heartbeatMs, signal)) && pass.goesOn());
    };
    beat()
      .catch((error: unknown) => onError('stream of runs', error))
      .finally(() => {
        open -= 1;
        hearing[Symbol.dispose]();
        pass.leave();
        if (!out.destroyed) out.end(byeFrame(pass));
      });
    context.header('content-type', 'text/event-stream');
    context.header('x-accel-buffering', 'no');
    return context.body(body());
  };
}
