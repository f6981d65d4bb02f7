import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const artifactId = shape.storableText(100);
const query = z.object({
  madeBy: shape.storableText(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});

const named = (context: Context): string => parseWith(artifactId, context.req.param('artifact'), 'the id');

/** Which files are kept. */
export function artifactReads(read: Reader, { house }: RoutesOptions): void {
  read('/artifacts', { data: z.array(shape.artifactSchema), query }, (wanted) => house().artifacts(wanted));
  read('/artifacts/:artifact', { data: shape.artifactSchema }, (_, at) => house().artifact(named(at)));
}

/** A file itself, to be saved and never to be opened in place: its name and its bytes are a stranger's. */
export function artifactContent({ house, operations }: RoutesOptions): Hono {
  const routes = new Hono();
  const media = 'application/octet-stream';
  operations.push({ method: 'get', path: '/api/artifacts/:artifact/content', answer: z.string(), media });
  routes.get('/artifacts/:artifact/content', async (context) => {
    const { name, content } = await house().artifactContent(named(context));
    context.header('content-type', media);
    context.header('content-disposition', `attachment; filename*=UTF-8''${headerText(name)}`);
    return context.body(Uint8Array.from(content));
  });
  return routes;
}

/** As RFC 8187 has it: what `encodeURIComponent` leaves as it is and a header may not hold is escaped too. */
function headerText(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
}

/** A file removed before its time, with a reason; an event says it. */
export function artifactWrites(write: Writer, { house }: RoutesOptions): void {
  const body = shape.decisionSchema;
  write('/artifacts/:artifact/remove', { body, data: shape.artifactSchema }, (decision, at) =>
    house().removeArtifact(named(at), decision),
  );
}
