import { z } from 'zod';
import { storable } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { DecisionAnswer, NewInbound, RefusedInbound } from '../contract.ts';
import { readCode } from '../decision/codes.ts';

/** Kept as it is or refused: two ids must not become one on their way into the store. */
const verbatim = z
  .string()
  .refine((text) => storable(text) === text, 'holds a character that cannot be stored');
const name = verbatim.min(1).max(300);
const word = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/)
  .max(100);
const mostDetails = 16 * 1_024;
const mostTicket = 256 * 1_024;

const within = (bytes: number, what: string) => (value: unknown, context: z.RefinementCtx) => {
  const size = Buffer.byteLength(JSON.stringify(value));
  if (size > bytes)
    context.addIssue({ code: 'custom', message: `${what} of ${size} bytes; at most ${bytes}` });
};

const inbound = z.object({
  providerId: name,
  conversation: name,
  sender: z.object({ id: name, name: z.string().max(300).optional() }),
  text: z.string().max(100_000),
  sentAt: z.iso.datetime({ offset: true }).optional(),
  attachments: z.array(verbatim.min(1).max(100)).max(10).default([]),
  authenticatedBy: word,
  trusted: z.boolean(),
  ticket: z
    .object({
      kind: verbatim.min(1).max(100),
      title: z.string().trim().min(1).max(500),
      payload: z.record(z.string(), z.unknown()),
      key: name,
      tags: z.array(z.string().max(100)).max(20).optional(),
      trusted: z.boolean().optional(),
    })
    .superRefine(within(mostTicket, 'a ticket'))
    .optional(),
  details: z.record(z.string(), z.unknown()).superRefine(within(mostDetails, 'details')).default({}),
});
export type ReadInbound = z.infer<typeof inbound>;

const refusal = z.object({
  providerId: z.string().nullable(),
  sender: z.string().nullable(),
  reason: word,
  detail: z.string().optional(),
});

const unreadable = z.object({
  providerId: name,
  sender: z.string().nullable(),
  reason: word,
  raw: z.instanceof(Uint8Array).refine((raw) => raw.byteLength <= 1_048_576, 'more than 1 MiB'),
});

const pressed = z.object({
  code: z.string().min(1).max(64),
  verdict: z.enum(['approve', 'deny']),
  providerId: name,
  sender: name,
});

const returned = z.object({ receipt: z.string().min(1).max(2_000), reason: z.string() });

/** Each throws KORA_REQUEST_INVALID, naming what is wrong: a channel's mistake, before anything is kept. */
export const readArrival = {
  message: (given: NewInbound): ReadInbound => read(inbound, given, 'inbound message'),
  refusal: (given: RefusedInbound): z.infer<typeof refusal> => read(refusal, given, 'refusal'),
  unreadable: (given: unknown): z.infer<typeof unreadable> => read(unreadable, given, 'quarantined message'),
  returned: (given: unknown): z.infer<typeof returned> => read(returned, given, 'returned message'),
  decision: (given: DecisionAnswer): z.infer<typeof pressed> => read(pressed, given, 'decision'),
};

function read<T>(shape: z.ZodType<T>, given: unknown, what: string): T {
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;
  throw fault('KORA_REQUEST_INVALID', `${what}: ${z.prettifyError(parsed.error)}`);
}

/** At most so many characters, as they can be stored; what is cut through the middle of one shows it. */
export function bounded(text: string, most: number): string {
  return String(storable(text.slice(0, most)));
}

const decision = /^\s*(approve|deny|ack(?=\s+\w{8}\b))\s+([0-9A-Z]{4}[ -]?[0-9A-Z]{4})\s*[.!]?\s*(?:\n|$)/i;

/** What the operator decides by writing it: `approve K7Q2M4TR`, as the first line; `ack` of a code approves. */
export function writtenDecision(
  text: string,
): { readonly verdict: 'approve' | 'deny'; readonly code: string } | undefined {
  const [, verdict, typed = ''] = decision.exec(text) ?? [];
  const code = readCode(typed);
  if (verdict === undefined || code === undefined) return undefined;
  // What has no digit is read as it stands: `approve vacation` is no code.
  if (code !== typed.toUpperCase() && !/\d/.test(typed)) return undefined;
  return { verdict: verdict.toLowerCase() === 'deny' ? 'deny' : 'approve', code };
}

const ack = /^\s*ack\b(?:\s+#?([1-9]\d{0,6})\b)?([^\n]*)/i;
const longestWhy = 300;

/**
 * `ack`, as the first line: of what its thread tells, or of the alert with that number. What stands behind it in the line is
 * why; with it and without a number only the thread of an alert says that it is one.
 */
export function writtenAck(
  text: string,
): { readonly alertId: number | null; readonly why: string | null } | undefined {
  const [found, number, rest = ''] = ack.exec(text) ?? [];
  if (found === undefined) return undefined;
  const why = rest.replace(/^[\s,.:;!–—-]+/, '').trim();
  // Another number than that of an alert is a slip, not a reason.
  if (why !== '' && !/\p{L}/u.test(why)) return undefined;
  return {
    alertId: number === undefined ? null : Number(number),
    why: why === '' ? null : why.slice(0, longestWhy).toWellFormed(),
  };
}
