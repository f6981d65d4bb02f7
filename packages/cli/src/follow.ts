import type { Context } from './context.ts';
import { refusal } from './fault.ts';
import { whole } from './input.ts';
import { createPatience } from './patience.ts';
import { framesOf } from './stream.ts';
import type { Frame } from './stream.ts';

/** The server beats every 5 s: silence for this long is a lost connection that nobody closed. */
const silenceMs = 20_000;

export interface FollowOptions {
  /** Sequence after which the stream begins. */
  readonly after: number;
  /** Type or prefix of the events wanted. */
  readonly type?: string;
  readonly signal: AbortSignal;
}

/**
 * The event stream, held over restarts of the runtime: after a break it goes on from the last sequence seen. Ends when
 * the signal aborts; throws `KORA_UNREACHABLE` when no runtime answers for a minute.
 */
export async function* follow(context: Context, options: FollowOptions): AsyncGenerator<Frame, void> {
  const patience = createPatience(context);
  let last = options.after;
  while (!options.signal.aborted) {
    let broke: unknown;
    try {
      for await (const frame of connect(context, { ...options, after: last })) {
        patience.answered();
        const anew = frame.event === 'resync' ? newPosition(frame) : undefined;
        if (anew !== undefined)
          context.out.note(`-- the chain ends at #${anew}, before #${last}: going on from there`);
        last = anew ?? Math.max(last, sequenceOf(frame));
        yield frame;
      }
    } catch (error) {
      broke = error;
    }
    await patience.broken(broke, options.signal);
  }
}

async function* connect(
  context: Context,
  { after, type, signal }: FollowOptions,
): AsyncGenerator<Frame, void> {
  const { url, token } = await context.running();
  const silence = new AbortController();
  // Every event, however far behind: a terminal has no snapshot to read instead.
  const query = `complete=1${type === undefined ? '' : `&type=${encodeURIComponent(type)}`}`;
  const response = await context.host.fetch(`${url}/api/events/stream?${query}`, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      'last-event-id': String(after),
    },
    signal: AbortSignal.any([signal, silence.signal]),
  });
  if (!response.ok || response.body === null) throw await refusedBy(response);
  let timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    for await (const frame of framesOf(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      yield frame;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Where a chain that is shorter than what was seen goes on: a store that was restored. */
export function newPosition({ data }: Frame): number | undefined {
  return whole(/^\{"seq":(\d+)\}$/.exec(data)?.[1] ?? '', 0);
}

/** The sequence a frame carries; 0 for one without. */
function sequenceOf({ id }: Frame): number {
  return id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : 0;
}

async function refusedBy(response: Response): Promise<Error> {
  const { problemSchema } = await import('@kora/runtime/client');
  const answer = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) return refusal('KORA_NOT_READY', `the event stream answered HTTP ${response.status}`);
  const { code, message, hint } = answer.data.error;
  return refusal(code, message, hint);
}
