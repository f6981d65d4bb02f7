import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Context } from 'hono';
import { openOutgoing } from '../outgoing.ts';

/** Writes the body of an answer, line by line; waits where the reader is slower. */
export type Lines = (out: Writable, signal: AbortSignal) => Promise<void>;

export interface LinesOptions {
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
  readonly onError: (where: string, error: unknown) => void;
}

/**
 * An answer of JSON lines of any length, in constant memory. What goes wrong before the first line is a refusal like any
 * other; afterwards the connection is cut, so that nobody takes a part for the whole.
 */
export async function answerLines(context: Context, write: Lines, options: LinesOptions): Promise<Response> {
  const { out, body, signal, cut } = openOutgoing(context, options.signal);
  let isBegun = false;
  const written = write(out, signal).then(() => out.end());
  written.catch((error: unknown) => {
    if (isBegun && !signal.aborted) options.onError(context.req.path, error);
    if (isBegun) cut();
    else out.destroy();
  });
  // The first line is there, or the whole is: what is refused until then is answered as a refusal.
  await Promise.race([written, once(out, 'readable', { signal })]);
  isBegun = true;
  context.header('content-type', 'application/x-ndjson');
  return context.body(body());
}

/** Writes one line; resolves when there is room for the next. */
export async function writeLine(out: Writable, line: object, signal: AbortSignal): Promise<void> {
  if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain', { signal });
}
