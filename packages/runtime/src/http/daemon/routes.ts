import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { reasonSchema } from '../words/contract.ts';

const name = z.string().min(1).max(64);

const named = (context: Context): string => parseWith(name, context.req.param('name'), 'the name');

/** What runs for long, and how it is. */
export function daemonReads(read: Reader, { house }: RoutesOptions): void {
  read('/daemons', { data: z.array(shape.daemonSchema) }, () => house().daemons());
  read('/daemons/:name', { data: shape.daemonSchema }, (_, at) => house().daemon(named(at)));
}

export function daemonWrites(write: Writer, { house }: RoutesOptions): void {
  write('/daemons/:name/restart', { body: reasonSchema, data: shape.receiptSchema }, ({ reason }, at) =>
    house().restartDaemon(named(at), reason),
  );
}
