import type { Context } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, KoraError } from '../../fault/index.ts';
import type { HttpMountSpec, MountRequest } from '../../plugin/index.ts';
import { headersIn, mayLeave } from './headers.ts';

const longestMs = 30_000;
const mostBytesIn = 1024 * 1024;
const mostBytesRead = 8 * mostBytesIn;
const mostBytesOut = 2 * 1024 * 1024;
/** Answers that have no body by what they say. */
const bodiless = new Set([204, 205, 304]);

export interface CallOptions {
  readonly clock: Clock;
  /** Whether the plugin may see the caller's `authorization`. */
  readonly credentials: boolean;
  readonly onError: (where: string, error: unknown) => void;
}

const answerSchema = z.object({
  status: z.number().int().min(200).max(599).default(200),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.union([z.string(), z.instanceof(Uint8Array)]).default(''),
});

/**
 * Asks a plugin's `handle` and answers what it said, without what no plugin may say. Throws KORA_REQUEST_INVALID on a body
 * that is too large, KORA_TIMEOUT, and KORA_PLUGIN_FAILED (502) for what it throws or answers wrongly.
 */
export async function callMount(
  context: Context,
  mount: HttpMountSpec & { readonly pluginName: string },
  inside: string,
  options: CallOptions,
): Promise<Response> {
  const { clock, credentials, onError } = options;
  const { req } = context;
  const body = await readBody(req.raw);
  const ms = Math.min(longestMs, mount.deadlineMs ?? longestMs);
  const what = `mount ${mount.path} of plugin ${mount.pluginName}`;
  const query = new URL(req.url).search.slice(1);
  const request = { method: req.method, path: inside === '' ? '/' : inside, query, body };
  try {
    const answer = await withDeadline(clock, { ms, what, signal: req.raw.signal }, async (signal) =>
      mount.handle?.({ ...request, headers: headersIn(req.raw.headers, { credentials }), signal }),
    );
    return send(context, request, answer);
  } catch (error) {
    if (error instanceof KoraError && error.code === 'KORA_TIMEOUT') throw error;
    onError(what, error);
    // What went wrong inside is for the log: a caller may be anybody.
    const details = { status: 502 };
    throw fault('KORA_PLUGIN_FAILED', `${mount.pluginName} did not answer as it should`, {
      details,
      cause: error,
    });
  }
}

function send(context: Context, { method }: Pick<MountRequest, 'method'>, answer: unknown): Response {
  const { status, headers, body } = answerSchema.parse(answer);
  const content = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  if (content.byteLength > mostBytesOut)
    throw fault('KORA_PLUGIN_INVALID', `an answer of ${content.byteLength} bytes; ${mostBytesOut} may be`);
  // A text that says nothing of itself is shown as what it is.
  if (typeof body === 'string') context.header('content-type', 'text/plain; charset=utf-8');
  for (const [name, value] of Object.entries(headers)) if (mayLeave(name)) context.header(name, value);
  const isBare = bodiless.has(status) || method === 'HEAD';
  // The schema holds it between 200 and 599; the library lists those that it has names for.
  return context.newResponse(isBare ? null : new Uint8Array(content), { status: status as StatusCode });
}

/** What is too large by little is read to its end, so that the caller hears the refusal and no broken connection. */
async function readBody(request: Request): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const said = Number(request.headers.get('content-length') ?? 0);
  let length = 0;
  const chunks: Uint8Array[] = [];
  if (said <= mostBytesRead) {
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.byteLength;
      if (length > mostBytesRead) break;
      if (length <= mostBytesIn) chunks.push(chunk);
    }
  }
  if (Math.max(length, said) <= mostBytesIn) return Buffer.concat(chunks);
  throw fault('KORA_REQUEST_INVALID', `the body is larger than ${mostBytesIn} bytes`, {
    details: { status: 413 },
  });
}
