import {
  bootReportSchema,
  eventSchema,
  heartbeatSchema,
  type BootReport,
  type EventRow,
  type Heartbeat,
} from '@kora/runtime/client';
import { z } from 'zod';
import { jsonOf } from '../api/json-of.ts';
import { openSharedStream } from './shared-stream.ts';

/** What the page uses of an EventSource, so that a test can be one. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface StreamListener {
  event(event: EventRow): void;
  beat(beat: Heartbeat): void;
  /** The runtime can no longer give what came after our sequence: read the snapshot again. */
  resync(): void;
  /** The last word; of a runtime that its gates ended, with their report. */
  bye(reason: string, boot: BootReport | undefined): void;
  /** The stream is over and the browser will not open it again by itself. */
  closed(): void;
}

const byeSchema = z.object({ reason: z.string(), boot: bootReportSchema.optional().catch(undefined) });
const closedState = 2;

/** The live stream after a sequence. On a short interruption the browser resumes it with Last-Event-ID. */
export function openStream(
  after: number,
  listener: StreamListener,
  open: (url: string) => EventSourceLike = openSharedStream,
): () => void {
  const source = open(`/api/events/stream?after=${after}`);
  const on = <T>(type: string, schema: z.ZodType<T>, take: (value: T) => void): void => {
    source.addEventListener(type, (event) => {
      const parsed = schema.safeParse(jsonOf(event.data));
      if (parsed.success) take(parsed.data);
      // What cannot be read must not be skipped in silence: the snapshot is the way back to the truth.
      else listener.resync();
    });
  };
  on('chain', eventSchema, (event) => listener.event(event));
  on('heartbeat', heartbeatSchema, (beat) => listener.beat(beat));
  on('bye', byeSchema, ({ reason, boot }) => listener.bye(reason, boot));
  source.addEventListener('resync', () => listener.resync());
  source.addEventListener('error', () => {
    if (source.readyState === closedState) listener.closed();
  });
  return () => source.close();
}
