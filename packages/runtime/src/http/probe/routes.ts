import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const id = z.coerce.number().int().positive();
const name = shape.storableText(200);
const longestMs = 400 * 86_400_000;
const history = z.object({
  sinceMs: z.coerce.number().int().min(60_000).max(longestMs).optional(),
  points: z.coerce.number().int().min(1).max(500).optional(),
});

const dayCount = z.object({ days: z.coerce.number().int().min(1).max(400).optional() });

/** How probes were, and when nobody is to be told of them. */
export function probeReads(read: Reader, { house }: RoutesOptions): void {
  read('/probes/:name/history', { data: shape.probeHistorySchema, query: history }, (asked, at) =>
    house().probeHistory(parseWith(name, at.req.param('name'), 'the name'), asked),
  );
  const days = { data: z.array(shape.probeDaysSchema), query: dayCount };
  read('/probe-days', days, (asked) => house().probeDays(asked));
  read('/probe-windows', { data: z.array(shape.probeWindowSchema) }, () => house().probeWindows());
}

export function probeWrites(write: Writer, { house }: RoutesOptions): void {
  const data = shape.probeWindowSchema;
  write('/probe-windows', { body: shape.newProbeWindowSchema, data }, (wanted) =>
    house().addProbeWindow(wanted),
  );
  write('/probe-windows/:id/end', { body: shape.reasonSchema, data }, ({ reason }, at) =>
    house().endProbeWindow(numbered(at), reason),
  );
}

function numbered(context: Context): number {
  return parseWith(id, context.req.param('id'), 'the id');
}
