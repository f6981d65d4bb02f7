import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import {
  acknowledgeAlertSchema,
  alertSchema,
  alertsQuerySchema,
  alertsSchema,
  snoozeAlertSchema,
} from './contract.ts';

const id = z.coerce.number().int().positive();

/** What is wrong beside what probes find. */
export function alertReads(read: Reader, { house }: RoutesOptions): void {
  read('/alerts', { data: alertsSchema, query: alertsQuerySchema }, (query) => house().alerts(query));
  read('/alerts/:id', { data: alertSchema }, (_, at) => house().alert(numbered(at)));
}

/** What the operator says of it, each with a reason. */
export function alertWrites(write: Writer, { house }: RoutesOptions): void {
  const data = alertSchema;
  write('/alerts/:id/ack', { body: acknowledgeAlertSchema, data }, ({ reason }, at) =>
    house().acknowledgeAlert(numbered(at), reason),
  );
  write('/alerts/:id/snooze', { body: snoozeAlertSchema, data }, (word, at) =>
    house().snoozeAlert(numbered(at), word),
  );
}

function numbered(context: Context): number {
  return parseWith(id, context.req.param('id'), 'the id');
}
