import type { Context } from 'hono';
import { fault } from '../../fault/index.ts';
import { openOutgoing } from '../outgoing.ts';
import { byeFrame } from '../stream.ts';
import type { StreamOptions } from '../stream.ts';

const lookEveryMs = 1_000;
const heartbeatEveryLooks = 5;
const maxStreams = 8;
/** A reader that lets this much wait is told how much it missed, once it takes what there is. */
const mostWaiting = 1_048_576;

/**
 * The log as it is written, as server-sent events: `log` with its lines and how many bytes came too fast for them, and
 * `heartbeat`. It begins with what comes after it was opened; what was before is asked of `GET /api/logs`.
 */
export function logStream({
  house,
  clock,
  signal: closing,
  onError,
  admit,
}: StreamOptions): (context: Context) => Response {
  let open = 0;
  return (context) => {
    if (open >= maxStreams)
      throw fault('KORA_REQUEST_INVALID', 'too many streams of the log are open', {
        details: { status: 429 },
      });
    const { page } = house();
    const pass = admit(context);
    open += 1;
    const { out, signal, body } = openOutgoing(context, AbortSignal.any([closing, pass.signal]));
    const write = (event: string, data: object): void => {
      if (!signal.aborted) out.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const follow = async (): Promise<void> => {
      let place: number | undefined;
      for (let looks = 0; !signal.aborted; looks += 1) {
        // One that does not take what waits for it is not read for: what it misses is counted when it does.
        if (out.writableLength <= mostWaiting) {
          const { place: now, ...news } = await page.logNews(place);
          place = now;
          if (news.lines.length > 0 || news.droppedBytes > 0) write('log', news);
        }
        if (looks % heartbeatEveryLooks === 0) {
          if (!pass.goesOn()) return;
          write('heartbeat', { serverNow: new Date(clock.now()).toISOString() });
        }
        await clock.sleep(lookEveryMs, signal);
      }
    };
    follow()
      .catch((error: unknown) => onError('stream of the log', error))
      .finally(() => {
        open -= 1;
        pass.leave();
        if (!out.destroyed) out.end(byeFrame(pass));
      });
    context.header('content-type', 'text/event-stream');
    context.header('x-accel-buffering', 'no');
    return context.body(body());
  };
}
