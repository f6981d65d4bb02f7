import { bootReportSchema, problemSchema, reading, type BootReport } from '@kora/runtime/client';
import { z } from 'zod';

/** Why the page does not know something: the runtime's own code and hint, or the page's when nothing answered. */
export interface Fault {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** What one read gave: the data with how true it is, or why there is none. */
export type Answer<T> =
  | {
      readonly ok: true;
      readonly data: T;
      readonly asOf: string;
      readonly source: 'live' | 'stale';
      readonly reason: string | null;
    }
  /** `boot`: a runtime that still boots says how far it is with every refusal. */
  | { readonly ok: false; readonly fault: Fault; readonly boot?: BootReport };

export interface ReadOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly signal?: AbortSignal;
  /** Milliseconds one read may take, default 10 000. */
  readonly timeoutMs?: number;
}

// The typed client hands out the data alone; a page must also show how true it is, so it reads the envelope itself.
const envelope = reading(z.unknown());

const bootingSchema = z.object({ error: z.object({ details: z.object({ boot: bootReportSchema }) }) });

/** One read of the API, parsed with the schema that the runtime answers with. Never rejects. */
export async function readList<T>(
  path: string,
  schema: z.ZodType<T>,
  options: ReadOptions = {},
): Promise<Answer<T>> {
  const request = options.fetch ?? globalThis.fetch.bind(globalThis);
  const signals = [
    AbortSignal.timeout(options.timeoutMs ?? 10_000),
    ...(options.signal ? [options.signal] : []),
  ];
  let response: Response;
  let body: unknown;
  try {
    response = await request(path, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.any(signals),
    });
    body = await response.json().catch(() => undefined);
  } catch {
    return refused(0, 'PAGE_NO_ANSWER', 'The runtime did not answer.', 'kora status');
  }
  if (!response.ok) {
    const { data } = bootingSchema.safeParse(body);
    const boot = data === undefined ? {} : { boot: data.error.details.boot };
    return { ok: false, fault: faultOf(response.status, body), ...boot };
  }
  const wrapped = envelope.safeParse(body);
  if (!wrapped.success) return misshapen(path, wrapped.error);
  const { status, asOf, reason, data } = wrapped.data;
  if (status === 'unavailable') {
    return refused(response.status, 'PAGE_UNAVAILABLE', reason ?? 'The runtime cannot read this now.', null);
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) return misshapen(path, parsed.error);
  return { ok: true, data: parsed.data, asOf, source: status, reason: reason ?? null };
}

/** The refusal in an answer's body, or the bare status when the body says nothing. */
export function faultOf(status: number, body: unknown): Fault {
  const problem = problemSchema.safeParse(body);
  if (!problem.success)
    return { status, code: `HTTP_${status}`, message: `The runtime answered ${status}.`, hint: null };
  const { code, message, hint } = problem.data.error;
  return { status, code, message, hint: hint ?? null };
}

function refused(status: number, code: string, message: string, hint: string | null): Answer<never> {
  return { ok: false, fault: { status, code, message, hint } };
}

function misshapen(path: string, error: z.ZodError): Answer<never> {
  const where = error.issues[0]?.path.join('.') ?? '';
  const message = `${path} answered in a shape this page does not know${where === '' ? '' : ` (at ${where})`}.`;
  return refused(200, 'PAGE_SHAPE', message, 'Reload the page: the runtime may have been updated.');
}
