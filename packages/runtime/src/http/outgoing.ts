import { PassThrough, Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** The body of an answer that is written bit by bit; waits where its reader is slower, and buffers little. */
export interface Outgoing {
  readonly out: PassThrough;
  /** What the answer is made of; asked for once. */
  body(): ReadableStream<Uint8Array>;
  /** Aborts when the reader has left or the server closes. */
  readonly signal: AbortSignal;
  /** Ends the connection in the middle, so that nobody takes a part for the whole. */
  cut(): void;
}

export function openOutgoing(context: Context, closing: AbortSignal): Outgoing {
  const out = new PassThrough();
  const left = new AbortController();
  out.on('close', () => left.abort());
  return {
    out,
    body: () => Readable.toWeb(out) as ReadableStream<Uint8Array>,
    signal: AbortSignal.any([closing, context.req.raw.signal, left.signal]),
    cut: () => {
      // Not by an error of the body: the server would print it, and write its message to the reader. With the connection
      // gone the server lets go of the body by itself.
      const { outgoing } = context.env as Partial<HttpBindings>;
      if (outgoing === undefined) out.destroy();
      else outgoing.destroy();
    },
  };
}
