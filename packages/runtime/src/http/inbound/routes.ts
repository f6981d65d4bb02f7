import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { reasonSchema, storableText } from '../words/contract.ts';
import * as shape from './contract.ts';

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const query = z.object({
  state: shape.inboundStateSchema.optional(),
  channel: storableText(100).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});

const numbered = (context: Context): number => parseWith(id, context.req.param('id'), 'the number');

/** What came in over channels. */
export function inboundReads(read: Reader, { house }: RoutesOptions): void {
  read('/inbound', { data: z.array(shape.inboundSchema), query }, (wanted) => house().inbound.list(wanted));
  read('/inbound/:id', { data: shape.inboundDetailSchema }, (_, at) => house().inbound.show(numbered(at)));
}

/** What the operator does about what is in quarantine. */
export function inboundWrites(write: Writer, { house }: RoutesOptions): void {
  write('/inbound/:id/release', { body: reasonSchema, data: shape.inboundSchema }, ({ reason }, at) =>
    house().inbound.release(numbered(at), reason),
  );
  write('/inbound/:id/drop', { body: reasonSchema, data: shape.inboundSchema }, ({ reason }, at) =>
    house().inbound.drop(numbered(at), reason),
  );
}
