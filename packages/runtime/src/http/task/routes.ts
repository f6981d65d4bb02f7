import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const name = shape.storableText(200);
const history = z.object({ limit: z.coerce.number().int().min(1).max(1_000).optional() });

/** What runs on a cadence. */
export function taskReads(read: Reader, { house }: RoutesOptions): void {
  read('/tasks', { data: z.array(shape.taskSchema) }, () => house().tasks());
  read('/tasks/:name', { data: shape.taskDetailSchema }, (_, at) => house().task(named(at)));
  read('/tasks/:name/history', { data: z.array(shape.occurrenceSchema), query: history }, ({ limit }, at) =>
    house().taskHistory(named(at), limit ?? 20),
  );
}

/** What the operator does to the schedule, each with a reason. */
export function taskWrites(write: Writer, { house }: RoutesOptions): void {
  const because = shape.reasonSchema;
  write('/tasks/:name/run', { body: because, data: shape.occurrenceSchema }, ({ reason }, at) =>
    house().runTask(named(at), reason),
  );
  write(
    '/tasks/:name/cadence',
    { body: shape.cadenceChangeSchema, data: shape.taskDetailSchema },
    (change, at) => house().setTaskCadence(named(at), change),
  );
  write('/tasks/:name/reset', { body: because, data: shape.taskDetailSchema }, ({ reason }, at) =>
    house().setTaskCadence(named(at), { reason, cadence: undefined }),
  );
}

function named(context: Context): string {
  return parseWith(name, context.req.param('name'), 'the name');
}
