import { z } from 'zod';
import * as shape from '../contract.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const query = z.object({
  by: z.enum(['route', 'plugin', 'day']).optional(),
  windowMs: z.coerce.number().pipe(shape.spanSchema).optional(),
});

/** What was spent. */
export function spendReads(read: Reader, { house }: RoutesOptions): void {
  read('/spend', { data: shape.spendSchema, query }, (wanted) => house().spend(wanted));
}

/** What the operator says about money, each with a reason. The same again changes nothing again. */
export function spendWrites(write: Writer, { house }: RoutesOptions): void {
  write('/spend/reconcile', { body: shape.reconcileSchema, data: shape.reconciliationSchema }, (request) =>
    house().reconcileSpend(request),
  );
  write('/spend/refresh', { body: shape.mutationSchema, data: shape.spendStandingSchema }, (request) =>
    house().refreshSpend(request),
  );
  write(
    '/spend/release',
    { body: shape.releaseReservationSchema, data: shape.releasedReservationSchema },
    (request) => house().releaseReservation(request),
  );
}
