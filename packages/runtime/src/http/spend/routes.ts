import { z } from 'zod';
import * as shape from '../contract.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const span = z.coerce.number().pipe(shape.spanSchema).optional();
const count = z.coerce.number().int().min(0).max(1_000_000_000).optional();
const name = shape.storableText(200).optional();

const queries = {
  spend: z.object({ by: z.enum(shape.spendByOptions).optional(), windowMs: span }),
  entries: z.object({
    after: z.coerce.number().int().min(0).optional(),
    limit: z.coerce.number().int().min(1).max(1_000).optional(),
    windowMs: span,
  }),
  forecast: z.object({
    plugin: name,
    task: name,
    everyMs: z.coerce.number().int().min(100).max(31_536_000_000_000).optional(),
    calls: z.coerce.number().min(0).max(1_000_000).optional(),
    model: name,
    inputTokens: count,
    outputTokens: count,
  }),
};

/** What was spent, what things cost, and what they would. */
export function spendReads(read: Reader, { house }: RoutesOptions): void {
  read('/spend', { data: shape.spendSchema, query: queries.spend }, (wanted) => house().spend(wanted));
  read('/spend/prices', { data: z.array(shape.modelPriceRowSchema) }, () => house().spendPrices());
  read('/spend/forecast', { data: shape.forecastSchema, query: queries.forecast }, (wanted) =>
    house().spendForecast(wanted),
  );
  read('/spend/entries', { data: z.array(shape.spendEntrySchema), query: queries.entries }, (wanted) =>
    house().spendEntries(wanted),
  );
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
