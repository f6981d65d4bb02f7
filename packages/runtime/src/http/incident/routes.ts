import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const id = z.coerce.number().int().positive();

/** What is known of one incident. */
export function incidentReads(read: Reader, { house }: RoutesOptions): void {
  read('/incidents/:id', { data: shape.incidentSchema }, (_, at) => house().incident(numbered(at)));
  read('/incidents/:id/timeline', { data: z.array(shape.incidentEntrySchema) }, (_, at) =>
    house().incidentTimeline(numbered(at)),
  );
  read('/incidents/:id/story', { data: z.array(shape.incidentStorySchema) }, (_, at) =>
    house().incidentStory(numbered(at)),
  );
}

/** What the operator says of one, each with a reason. */
export function incidentWrites(write: Writer, { house }: RoutesOptions): void {
  const data = shape.incidentSchema;
  write('/incidents/:id/ack', { body: shape.acknowledgeIncidentSchema, data }, (word, at) =>
    house().acknowledgeIncident(numbered(at), word),
  );
  write('/incidents/:id/silence', { body: shape.silenceIncidentSchema, data }, (word, at) =>
    house().silenceIncident(numbered(at), word),
  );
  write(
    '/incidents/:id/note',
    { body: shape.reasonSchema, data: z.array(shape.incidentEntrySchema) },
    ({ reason }, at) => house().noteIncident(numbered(at), reason),
  );
}

function numbered(context: Context): number {
  return parseWith(id, context.req.param('id'), 'the id');
}
