import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { fault, faultRow, KoraError } from '../fault/index.ts';

/** Answers a refusal as every client expects it; what is nobody's fault but ours tells no inner detail. */
export function answerProblem(
  context: Context,
  error: unknown,
  onInternal: (error: unknown) => void,
): Response {
  const row = faultRow(error);
  const known = error instanceof KoraError;
  if (!known) onInternal(error);
  const code = known ? error.code : 'KORA_INTERNAL';
  const message = known ? error.message : 'Kora failed on this request; the log has the details';
  const hint = known ? error.fix : 'look at logs/kora.log in the home (kora status names it)';
  const details = known ? toldOf(error.details) : {};
  const problem = {
    type: 'fault',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
  const status = known && typeof error.details['status'] === 'number' ? error.details['status'] : row.status;
  if (status === 503) context.header('retry-after', '1');
  const { retryAfterMs } = details;
  if (typeof retryAfterMs === 'number')
    context.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  // The table holds only statuses that carry a body; the type of the library is the list of all of those.
  return context.json({ error: problem }, status as ContentfulStatusCode);
}

/**
 * How far the boot is, for what is asked too early; which of many is wrong, and where; what it is at now; why a code was
 * refused, and how long to wait; which permission is missing; what is wrong key by key, and what somebody else changed.
 */
const toldDetails = [
  'boot',
  'index',
  'field',
  'revision',
  'digest',
  'reason',
  'retryAfterMs',
  'missing',
  'issues',
  'changed',
] as const;

function toldOf(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const told = toldDetails.map((name) => [name, details[name]] as const);
  return Object.fromEntries(told.filter(([, value]) => value !== undefined));
}

/** Of a body that is wrong in a thousand places, these are told. */
const issuesTold = 5;

/**
 * Parses what came from outside, or refuses it naming the path that is wrong; of a list, also its index and field as
 * details.
 */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const more = issues.length > issuesTold ? `\nand ${issues.length - issuesTold} more` : '';
  const told = z.prettifyError({ issues: issues.slice(0, issuesTold) });
  throw fault('KORA_REQUEST_INVALID', `${what}: ${told}${more}`, { details: placeOf(issues[0]?.path ?? []) });
}

/** `tickets[3].blockedBy[0]`: the fourth, in its field `blockedBy.0`. */
function placeOf(path: readonly PropertyKey[]): Record<string, unknown> {
  const at = path.findIndex((each) => typeof each === 'number');
  if (at === -1) return {};
  const field = path.slice(at + 1).join('.');
  return { index: path[at], ...(field === '' ? {} : { field }) };
}
