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
  // What is asked too early is answered with how far the boot is.
  const boot = known ? error.details['boot'] : undefined;
  const problem = {
    type: 'fault',
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(boot === undefined ? {} : { details: { boot } }),
  };
  const status = known && typeof error.details['status'] === 'number' ? error.details['status'] : row.status;
  if (status === 503) context.header('retry-after', '1');
  // The table holds only statuses that carry a body; the type of the library is the list of all of those.
  return context.json({ error: problem }, status as ContentfulStatusCode);
}

/** Parses what came from outside, or refuses it naming the path that is wrong. */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw fault('KORA_REQUEST_INVALID', `${what}: ${z.prettifyError(parsed.error)}`);
}
