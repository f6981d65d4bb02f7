import type { z } from 'zod';
import { type Fault, faultOf } from './read.ts';

/** What one mutation gave: what the runtime made of it and the deed's id on the chain, or why it did nothing. */
export type DeedAnswer<T> =
  | { readonly ok: true; readonly data: T; readonly deed: string | null }
  | { readonly ok: false; readonly fault: Fault; readonly details: Readonly<Record<string, unknown>> };

export interface DeedOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds it may take, default 40 000: starting a plugin anew takes a while. */
  readonly timeoutMs?: number;
}

/** The header in which the runtime names the event that a mutation was written as. */
export const deedHeader = 'x-kora-deed';

/** Sends one mutation. Never rejects; nothing is ever sent again by itself. */
export async function sendDeed<T>(
  path: string,
  body: object,
  schema: z.ZodType<T>,
  options: DeedOptions = {},
): Promise<DeedAnswer<T>> {
  const request = options.fetch ?? globalThis.fetch.bind(globalThis);
  let response: Response;
  let answer: unknown;
  try {
    response = await request(path, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(options.timeoutMs ?? 40_000),
    });
    answer = await response.json().catch(() => undefined);
  } catch {
    const message = 'The runtime did not answer: whether it was done is not known.';
    return refused({ status: 0, code: 'PAGE_NO_ANSWER', message, hint: 'kora status' });
  }
  if (!response.ok) return refused(faultOf(response.status, answer), detailsOf(answer));
  const parsed = schema.safeParse(answer);
  if (parsed.success) return { ok: true, data: parsed.data, deed: response.headers.get(deedHeader) };
  const message = `${path} was done, and answered in a shape this page does not know.`;
  return refused({ status: response.status, code: 'PAGE_SHAPE', message, hint: 'Reload the page.' });
}

function refused(fault: Fault, details: Readonly<Record<string, unknown>> = {}): DeedAnswer<never> {
  return { ok: false, fault, details };
}

function detailsOf(answer: unknown): Readonly<Record<string, unknown>> {
  const error = isRecord(answer) ? answer['error'] : undefined;
  const details = isRecord(error) ? error['details'] : undefined;
  return isRecord(details) ? details : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
