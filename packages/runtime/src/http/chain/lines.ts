import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import type { Context } from 'hono';

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
  const out = new PassThrough();
  const left = new AbortController();
  out.on('close', () => left.abort());
  // Without a listener the error of a body that was cut would end the process.
  out.on('error', () => undefined);
  const signal = AbortSignal.any([options.signal, context.req.raw.signal, left.signal]);
  const written = write(out, signal).then(() => out.end());
  written.catch((error: unknown) => {
    if (!signal.aborted) options.onError(context.req.path, error);
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  await Promise.race([written, once(out, 'readable', { signal })]);
  context.header('content-type', 'application/x-ndjson');
  return context.body(Readable.toWeb(out) as ReadableStream<Uint8Array>);
}

/** Writes one line; resolves when there is room for the next. */
export async function writeLine(out: Writable, line: object, signal: AbortSignal): Promise<void> {
  if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain', { signal });
}
