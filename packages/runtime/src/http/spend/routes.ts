import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

/** The longest window that is added up: ten years. */
const longestMs = 315_360_000_000;
const query = z.object({
  by: z.enum(['route', 'plugin', 'day']).optional(),
  windowMs: z.coerce.number().int().positive().max(longestMs).optional(),
});

/** What was spent. */
export function spendReads(read: Reader, { house }: RoutesOptions): void {
  read('/spend', (context) => house().spend(parseWith(query, context.req.query(), 'the query')));
}

/** What the operator says about money, each with a reason. The same again changes nothing again. */
export function spendWrites(write: Writer, { house }: RoutesOptions): void {
  write('/spend/reconcile', shape.reconcileSchema, (request) => house().reconcileSpend(request));
  write('/spend/refresh', shape.reasonSchema, ({ reason }) => house().refreshSpend(reason));
  write('/spend/release', shape.releaseReservationSchema, (request) => house().releaseReservation(request));
}
